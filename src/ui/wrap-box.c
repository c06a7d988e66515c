/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ui/wrap-box.h"

struct _UiWrapBox {
  GtkWidget parent_instance;

  int       spacing;
};

static GtkBuildableIface *parent_buildable;

static void ui_wrap_box_init_buildable (GtkBuildableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (UiWrapBox, ui_wrap_box, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_BUILDABLE, ui_wrap_box_init_buildable))

enum { PROP_SPACING = 1, N_PROPERTIES };
static GParamSpec *properties[N_PROPERTIES];

/* --- lines ---------------------------------------------------------------------------------------------- */

typedef struct {
  GtkWidget *first;
  GtkWidget *end;              /* the first child of the next line, or NULL */
  int        width;            /* as wanted, with spacing */
  int        height;
  guint      n_expanding;
} Line;

static int
measure_width (GtkWidget *child,
               int        limit)
{
  int minimum, natural;

  gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &minimum, &natural, NULL, NULL);
  return MAX (minimum, MIN (natural, limit));
}

static int
measure_height (GtkWidget *child,
                int        width)
{
  int natural;

  gtk_widget_measure (child, GTK_ORIENTATION_VERTICAL, width, NULL, &natural, NULL, NULL);
  return natural;
}

/* Takes as many children as fit, at least one. */
static Line
take_line (UiWrapBox *self,
           GtkWidget *first,
           int        limit)
{
  Line line = { .first = first };
  GtkWidget *child;

  for (child = first; child != NULL; child = gtk_widget_get_next_sibling (child))
    {
      int width;

      if (!gtk_widget_should_layout (child))
        continue;
      width = measure_width (child, limit);
      if (line.width > 0 && line.width + self->spacing + width > limit)
        break;
      line.width += (line.width > 0 ? self->spacing : 0) + width;
      line.height = MAX (line.height, measure_height (child, width));
      line.n_expanding += gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL);
    }
  line.end = child;
  return line;
}

static void
allocate_line (UiWrapBox  *self,
               const Line *line,
               int         box_width,
               int         y)
{
  gboolean is_rtl = gtk_widget_get_direction (GTK_WIDGET (self)) == GTK_TEXT_DIR_RTL;
  int spare = line->n_expanding > 0 ? MAX (box_width - line->width, 0) / (int) line->n_expanding : 0;
  int x = 0;

  for (GtkWidget *child = line->first; child != line->end; child = gtk_widget_get_next_sibling (child))
    {
      GtkAllocation place = { .y = y, .height = line->height };

      if (!gtk_widget_should_layout (child))
        continue;
      place.width = measure_width (child, box_width);
      if (gtk_widget_compute_expand (child, GTK_ORIENTATION_HORIZONTAL))
        place.width += spare;
      place.x = is_rtl ? box_width - x - place.width : x;
      gtk_widget_size_allocate (child, &place, -1);
      x += place.width + self->spacing;
    }
}

static void
ui_wrap_box_size_allocate (GtkWidget *widget,
                           int        width,
                           int        height,
                           int        baseline)
{
  UiWrapBox *self = UI_WRAP_BOX (widget);
  int y = 0;

  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; )
    {
      Line line = take_line (self, child, width);

      allocate_line (self, &line, width, y);
      y += line.height + self->spacing;
      child = line.end;
    }
}

static void
measure_widths (UiWrapBox *self,
                int       *minimum,
                int       *natural)
{
  for (GtkWidget *child = gtk_widget_get_first_child (GTK_WIDGET (self)); child != NULL;
       child = gtk_widget_get_next_sibling (child))
    {
      int child_minimum, child_natural;

      if (!gtk_widget_should_layout (child))
        continue;
      gtk_widget_measure (child, GTK_ORIENTATION_HORIZONTAL, -1, &child_minimum, &child_natural, NULL, NULL);
      *minimum = MAX (*minimum, child_minimum);
      *natural += (*natural > 0 ? self->spacing : 0) + child_natural;
    }
}

static void
ui_wrap_box_measure (GtkWidget      *widget,
                     GtkOrientation  orientation,
                     int             for_size,
                     int            *minimum,
                     int            *natural,
                     int            *minimum_baseline,
                     int            *natural_baseline)
{
  UiWrapBox *self = UI_WRAP_BOX (widget);
  int height = 0;

  *minimum = *natural = 0;
  if (orientation == GTK_ORIENTATION_HORIZONTAL)
    {
      measure_widths (self, minimum, natural);
      return;
    }
  for (GtkWidget *child = gtk_widget_get_first_child (widget); child != NULL; )
    {
      Line line = take_line (self, child, for_size < 0 ? G_MAXINT / 2 : for_size);

      height += (height > 0 && line.height > 0 ? self->spacing : 0) + line.height;
      child = line.end;
    }
  *minimum = *natural = height;
}

static GtkSizeRequestMode
ui_wrap_box_get_request_mode (GtkWidget *widget)
{
  return GTK_SIZE_REQUEST_HEIGHT_FOR_WIDTH;
}

/* --- children and life ---------------------------------------------------------------------------------- */

void
ui_wrap_box_append (UiWrapBox *self,
                    GtkWidget *child)
{
  gtk_widget_set_parent (child, GTK_WIDGET (self));
}

void
ui_wrap_box_insert_after (UiWrapBox *self,
                          GtkWidget *child,
                          GtkWidget *sibling)
{
  gtk_widget_insert_after (child, GTK_WIDGET (self), sibling);
}

static void
ui_wrap_box_add_child (GtkBuildable *buildable,
                       GtkBuilder   *builder,
                       GObject      *child,
                       const char   *type)
{
  if (GTK_IS_WIDGET (child))
    ui_wrap_box_append (UI_WRAP_BOX (buildable), GTK_WIDGET (child));
  else
    parent_buildable->add_child (buildable, builder, child, type);
}

static void
ui_wrap_box_init_buildable (GtkBuildableIface *iface)
{
  parent_buildable = g_type_interface_peek_parent (iface);
  iface->add_child = ui_wrap_box_add_child;
}

static void
ui_wrap_box_get_property (GObject    *object,
                          guint       id,
                          GValue     *value,
                          GParamSpec *pspec)
{
  g_value_set_int (value, UI_WRAP_BOX (object)->spacing);
}

static void
ui_wrap_box_set_property (GObject      *object,
                          guint         id,
                          const GValue *value,
                          GParamSpec   *pspec)
{
  UI_WRAP_BOX (object)->spacing = g_value_get_int (value);
  gtk_widget_queue_resize (GTK_WIDGET (object));
}

static void
ui_wrap_box_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))) != NULL)
    gtk_widget_unparent (child);
  G_OBJECT_CLASS (ui_wrap_box_parent_class)->dispose (object);
}

GtkWidget *
ui_wrap_box_new (int spacing)
{
  return g_object_new (UI_TYPE_WRAP_BOX, "spacing", spacing, NULL);
}

static void
ui_wrap_box_class_init (UiWrapBoxClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  object_class->dispose = ui_wrap_box_dispose;
  object_class->get_property = ui_wrap_box_get_property;
  object_class->set_property = ui_wrap_box_set_property;
  widget_class->measure = ui_wrap_box_measure;
  widget_class->size_allocate = ui_wrap_box_size_allocate;
  widget_class->get_request_mode = ui_wrap_box_get_request_mode;
  gtk_widget_class_set_css_name (widget_class, "wrap");
  properties[PROP_SPACING] = g_param_spec_int ("spacing", NULL, NULL, 0, 1000, 6,
                                               G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
ui_wrap_box_init (UiWrapBox *self)
{
  self->spacing = 6;
}
