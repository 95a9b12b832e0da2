/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "launcher/printgate/ipp-internal.h"

#include <string.h>

guint
sg_ipp_two (const guint8 *at)
{
  return (guint)at[0] << 8 | at[1];
}

guint32
sg_ipp_four (const guint8 *at)
{
  return (guint32)sg_ipp_two (at) << 16 | sg_ipp_two (at + 2);
}

SgIppState
sg_ipp_next (const guint8 *bytes, gsize len, SgIppAttribute *ret)
{
  guint name, value;

  if (len < 1)
    return SG_IPP_MORE;
  *ret = (SgIppAttribute){ .len = 1 };
  if (bytes[0] <= GROUP_LAST)
    {
      ret->group = bytes[0];
      return bytes[0] == 0 ? SG_IPP_BAD : SG_IPP_WHOLE;
    }
  if (bytes[0] == TAG_EXTENSION)
    return SG_IPP_BAD;
  if (len < 3)
    return SG_IPP_MORE;
  name = sg_ipp_two (bytes + 1);
  if (name > 255)
    return SG_IPP_BAD;
  if (len < 5u + name)
    return SG_IPP_MORE;
  value = sg_ipp_two (bytes + 3 + name);
  if (value > 32767)
    return SG_IPP_BAD;
  if (len < 5u + name + value)
    return SG_IPP_MORE;
  ret->tag = bytes[0];
  ret->name = (const char *)bytes + 3;
  ret->name_len = name;
  ret->value = bytes + 5 + name;
  ret->value_len = value;
  ret->len = 5u + name + value;
  return SG_IPP_WHOLE;
}

SgIppState
sg_ipp_scan (SgIppScan *scan, const guint8 *bytes, gsize len)
{
  SgIppAttribute attribute;
  SgIppState state;

  if (len < HEADER)
    return SG_IPP_MORE;
  scan->at = MAX (scan->at, HEADER);
  while ((state = sg_ipp_next (bytes + scan->at, len - scan->at, &attribute)) == SG_IPP_WHOLE)
    {
      scan->at += attribute.len;
      if (scan->at > SG_IPP_MOST)
        return SG_IPP_BAD;
      if (attribute.tag == 0 && attribute.group == GROUP_END)
        return SG_IPP_WHOLE;
    }
  return state == SG_IPP_MORE && len > SG_IPP_MOST ? SG_IPP_BAD : state;
}

gboolean
sg_ipp_is (const SgIppAttribute *attribute, const char *name)
{
  return attribute->name_len == strlen (name)
         && memcmp (attribute->name, name, attribute->name_len) == 0;
}

gint
sg_ipp_job (const guint8 *bytes, gsize len)
{
  SgIppScan scan = { 0 };
  SgIppAttribute attribute;

  if (len < HEADER || sg_ipp_two (bytes + 2) >= 0x0100
      || sg_ipp_scan (&scan, bytes, len) != SG_IPP_WHOLE)
    return 0;
  for (gsize at = HEADER; at < scan.at; at += attribute.len)
    {
      if (sg_ipp_next (bytes + at, scan.at - at, &attribute) != SG_IPP_WHOLE)
        return 0;
      if (attribute.tag == TAG_INTEGER && sg_ipp_is (&attribute, "job-id")
          && attribute.value_len == 4)
        return MAX ((gint32)sg_ipp_four (attribute.value), 0);
    }
  return 0;
}
