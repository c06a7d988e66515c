/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include <math.h>

static void
test_document (void)
{
  BaseJson *json = base_json_new ();
  g_autofree char *text = NULL;

  base_json_begin_object (json);
  base_json_key_int (json, "id", -3);
  base_json_key_text (json, "name", "a \"b\" \\ \n \x01 \xff ü");
  base_json_key (json, "list");
  base_json_begin_array (json);
  base_json_boolean (json, TRUE);
  base_json_null (json);
  base_json_text (json, NULL);
  base_json_double (json, 1.5);
  base_json_double (json, NAN);
  base_json_begin_object (json);
  base_json_end_object (json);
  base_json_end_array (json);
  base_json_key (json, "empty");
  base_json_begin_array (json);
  base_json_end_array (json);
  base_json_end_object (json);
  text = base_json_free_to_text (json);
  g_assert_cmpstr (text, ==,
                   "{\"id\":-3,\"name\":\"a \\\"b\\\" \\\\ \\n \\u0001 \xef\xbf\xbd ü\","
                   "\"list\":[true,null,null,1.5,null,{}],\"empty\":[]}");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/base/json/document", test_document);
  return g_test_run ();
}
