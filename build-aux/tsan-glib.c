/* SPDX-License-Identifier: GPL-3.0-or-later */
/* tsan-glib.c - tells ThreadSanitizer what GLib's locks, queues, tasks and idle calls order.
 *
 * Debian's GLib is not built for ThreadSanitizer and locks with futexes, so everything that passes from one thread to
 * another by its means would be reported as a race.  These functions stand before GLib's own, call them, and note the
 * order.  Only in the thread build; build-aux/tsan.supp says the rest.
 */
#include <dlfcn.h>
#include <gio/gio.h>

void __tsan_acquire (void *address);
void __tsan_release (void *address);

/* Opens the definition of `name`; `real_name ()` is GLib's own. */
#define STAND_BEFORE(result, name, parameters) \
  typedef result (*name##_fn) parameters; \
  G_GNUC_UNUSED static name##_fn \
  real_##name (void) \
  { \
    static name##_fn found; \
    name##_fn real = __atomic_load_n (&found, __ATOMIC_ACQUIRE); \
    if (real == NULL) \
      { \
        real = (name##_fn) dlsym (RTLD_NEXT, #name); \
        __atomic_store_n (&found, real, __ATOMIC_RELEASE); \
      } \
    return real; \
  } \
  result name parameters

/* --- locks --- */

STAND_BEFORE (void, g_mutex_lock, (GMutex *mutex))
{
  real_g_mutex_lock () (mutex);
  __tsan_acquire (mutex);
}

STAND_BEFORE (gboolean, g_mutex_trylock, (GMutex *mutex))
{
  gboolean locked = real_g_mutex_trylock () (mutex);

  if (locked)
    __tsan_acquire (mutex);
  return locked;
}

STAND_BEFORE (void, g_mutex_unlock, (GMutex *mutex))
{
  __tsan_release (mutex);
  real_g_mutex_unlock () (mutex);
}

STAND_BEFORE (void, g_rec_mutex_lock, (GRecMutex *mutex))
{
  real_g_rec_mutex_lock () (mutex);
  __tsan_acquire (mutex);
}

STAND_BEFORE (void, g_rec_mutex_unlock, (GRecMutex *mutex))
{
  __tsan_release (mutex);
  real_g_rec_mutex_unlock () (mutex);
}

STAND_BEFORE (void, g_cond_wait, (GCond *cond, GMutex *mutex))
{
  __tsan_release (mutex);
  real_g_cond_wait () (cond, mutex);
  __tsan_acquire (mutex);
}

STAND_BEFORE (gboolean, g_cond_wait_until, (GCond *cond, GMutex *mutex, gint64 end_time))
{
  gboolean signalled;

  __tsan_release (mutex);
  signalled = real_g_cond_wait_until () (cond, mutex, end_time);
  __tsan_acquire (mutex);
  return signalled;
}

/* --- queues --- */

STAND_BEFORE (void, g_async_queue_push, (GAsyncQueue *queue, gpointer data))
{
  __tsan_release (queue);
  real_g_async_queue_push () (queue, data);
}

STAND_BEFORE (gpointer, g_async_queue_pop, (GAsyncQueue *queue))
{
  gpointer data = real_g_async_queue_pop () (queue);

  __tsan_acquire (queue);
  return data;
}

STAND_BEFORE (gpointer, g_async_queue_try_pop, (GAsyncQueue *queue))
{
  gpointer data = real_g_async_queue_try_pop () (queue);

  __tsan_acquire (queue);
  return data;
}

STAND_BEFORE (gpointer, g_async_queue_timeout_pop, (GAsyncQueue *queue, guint64 timeout))
{
  gpointer data = real_g_async_queue_timeout_pop () (queue, timeout);

  __tsan_acquire (queue);
  return data;
}

/* --- the last reference: whoever frees knows what the others did --- */

STAND_BEFORE (void, g_object_unref, (gpointer object))
{
  __tsan_release (object);
  __tsan_acquire (object);
  real_g_object_unref () (object);
}

STAND_BEFORE (void, g_bytes_unref, (GBytes *bytes))
{
  __tsan_release (bytes);
  __tsan_acquire (bytes);
  real_g_bytes_unref () (bytes);
}

STAND_BEFORE (void, g_array_unref, (GArray *array))
{
  __tsan_release (array);
  __tsan_acquire (array);
  real_g_array_unref () (array);
}

STAND_BEFORE (void, g_ptr_array_unref, (GPtrArray *array))
{
  __tsan_release (array);
  __tsan_acquire (array);
  real_g_ptr_array_unref () (array);
}

/* --- calls that run elsewhere: they start with what the caller knew --- */

typedef struct
{
  GThreadFunc thread_func;
  GSourceFunc source_func;
  gpointer data;
  GDestroyNotify notify;
} Call;

static Call *
call_new (GThreadFunc    thread_func,
          GSourceFunc    source_func,
          gpointer       data,
          GDestroyNotify notify)
{
  Call *call = g_new (Call, 1);

  *call = (Call) { thread_func, source_func, data, notify };
  __tsan_release (call);
  return call;
}

static gpointer
call_on_thread (gpointer data)
{
  Call call = *(Call *) data;

  __tsan_acquire (data);
  g_free (data);
  return call.thread_func (call.data);
}

static gboolean
call_from_source (gpointer data)
{
  Call *call = data;

  __tsan_acquire (call);
  return call->source_func (call->data);
}

static void
call_free (gpointer data)
{
  Call *call = data;

  __tsan_acquire (call);
  if (call->notify != NULL)
    call->notify (call->data);
  g_free (call);
}

STAND_BEFORE (GThread *, g_thread_new, (const char *name, GThreadFunc func, gpointer data))
{
  return real_g_thread_new () (name, call_on_thread, call_new (func, NULL, data, NULL));
}

STAND_BEFORE (GThread *, g_thread_try_new, (const char *name, GThreadFunc func, gpointer data, GError **error))
{
  Call *call = call_new (func, NULL, data, NULL);
  GThread *thread = real_g_thread_try_new () (name, call_on_thread, call, error);

  if (thread == NULL)
    g_free (call);
  return thread;
}

STAND_BEFORE (void, g_main_context_invoke_full, (GMainContext *context, int priority, GSourceFunc func, gpointer data,
                                                 GDestroyNotify notify))
{
  real_g_main_context_invoke_full () (context, priority, call_from_source, call_new (NULL, func, data, notify),
                                      call_free);
}

STAND_BEFORE (void, g_main_context_invoke, (GMainContext *context, GSourceFunc func, gpointer data))
{
  g_main_context_invoke_full (context, G_PRIORITY_DEFAULT, func, data, NULL);
}

STAND_BEFORE (guint, g_idle_add_full, (int priority, GSourceFunc func, gpointer data, GDestroyNotify notify))
{
  return real_g_idle_add_full () (priority, call_from_source, call_new (NULL, func, data, notify), call_free);
}

STAND_BEFORE (guint, g_idle_add, (GSourceFunc func, gpointer data))
{
  return g_idle_add_full (G_PRIORITY_DEFAULT_IDLE, func, data, NULL);
}

STAND_BEFORE (void, g_source_set_callback, (GSource *source, GSourceFunc func, gpointer data, GDestroyNotify notify))
{
  if (func != NULL && (source->source_funcs == &g_idle_funcs || source->source_funcs == &g_timeout_funcs))
    real_g_source_set_callback () (source, call_from_source, call_new (NULL, func, data, notify), call_free);
  else
    real_g_source_set_callback () (source, func, data, notify);
}

/* --- tasks --- */

static void
task_on_thread (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  GTaskThreadFunc func = (GTaskThreadFunc) g_object_get_data (G_OBJECT (task), "tsan-func");

  __tsan_acquire (task);
  func (task, source_object, task_data, cancellable);
}

STAND_BEFORE (void, g_task_run_in_thread, (GTask *task, GTaskThreadFunc func))
{
  g_object_set_data (G_OBJECT (task), "tsan-func", (gpointer) func);
  __tsan_release (task);
  real_g_task_run_in_thread () (task, task_on_thread);
}

STAND_BEFORE (void, g_task_return_pointer, (GTask *task, gpointer result, GDestroyNotify notify))
{
  __tsan_release (task);
  real_g_task_return_pointer () (task, result, notify);
}

STAND_BEFORE (void, g_task_return_boolean, (GTask *task, gboolean result))
{
  __tsan_release (task);
  real_g_task_return_boolean () (task, result);
}

STAND_BEFORE (void, g_task_return_int, (GTask *task, gssize result))
{
  __tsan_release (task);
  real_g_task_return_int () (task, result);
}

STAND_BEFORE (void, g_task_return_error, (GTask *task, GError *error))
{
  __tsan_release (task);
  real_g_task_return_error () (task, error);
}

STAND_BEFORE (gpointer, g_task_propagate_pointer, (GTask *task, GError **error))
{
  __tsan_acquire (task);
  return real_g_task_propagate_pointer () (task, error);
}

STAND_BEFORE (gboolean, g_task_propagate_boolean, (GTask *task, GError **error))
{
  __tsan_acquire (task);
  return real_g_task_propagate_boolean () (task, error);
}

STAND_BEFORE (gssize, g_task_propagate_int, (GTask *task, GError **error))
{
  __tsan_acquire (task);
  return real_g_task_propagate_int () (task, error);
}

/* Counted in GLib itself, where ThreadSanitizer sees nothing: what the last holder frees would look like a race. */
void (g_atomic_ref_count_inc) (gatomicrefcount *arc)
{
  __atomic_fetch_add (arc, 1, __ATOMIC_ACQ_REL);
}

gboolean (g_atomic_ref_count_dec) (gatomicrefcount *arc)
{
  return __atomic_fetch_sub (arc, 1, __ATOMIC_ACQ_REL) == 1;
}
