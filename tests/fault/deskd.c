/* deskd.c - a desktop's notification daemon that tests look into: deskd ok|hang|refuse FILE
 *
 * It owns org.freedesktop.Notifications on the session bus, says "ready" on standard output, and
 * appends a line for each notice to FILE: replaces-id <tab> urgency <tab> bytes of the body <tab>
 * summary <tab> body.  `hang` never answers, `refuse` answers with an error. */
#include <gio/gio.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char xml[] =
    "<node><interface name='org.freedesktop.Notifications'>"
    "<method name='Notify'><arg type='s' direction='in'/><arg type='u' direction='in'/>"
    "<arg type='s' direction='in'/><arg type='s' direction='in'/><arg type='s' direction='in'/>"
    "<arg type='as' direction='in'/><arg type='a{sv}' direction='in'/>"
    "<arg type='i' direction='in'/><arg type='u' direction='out'/></method>"
    "<method name='GetServerInformation'><arg type='s' direction='out'/>"
    "<arg type='s' direction='out'/><arg type='s' direction='out'/>"
    "<arg type='s' direction='out'/></method>"
    "<method name='GetCapabilities'><arg type='as' direction='out'/></method>"
    "</interface></node>";

struct desk {
    const char *mode, *file;
    guint32 last_id;
};

static void notice(struct desk *d, GVariant *args, GDBusMethodInvocation *call)
{
    const char *summary, *body;
    guint32 replaces;
    GVariant *hints;
    guchar urgency = 99;

    g_variant_get(args, "(&su&s&s&s@as@a{sv}i)", NULL, &replaces, NULL, &summary, &body, NULL,
                  &hints, NULL);
    g_variant_lookup(hints, "urgency", "y", &urgency);
    FILE *f = fopen(d->file, "ae");
    if (f) {
        fprintf(f, "%u\t%u\t%zu\t%s\t%s\n", replaces, urgency, strlen(body), summary, body);
        fclose(f);
    }
    g_variant_unref(hints);
    if (strcmp(d->mode, "refuse") == 0)
        g_dbus_method_invocation_return_dbus_error(
            call, "org.freedesktop.Notifications.Error.ExcessNotificationGeneration", "too many");
    else if (strcmp(d->mode, "ok") == 0)
        g_dbus_method_invocation_return_value(
            call, g_variant_new("(u)", replaces ? replaces : ++d->last_id));
}

static void called(GDBusConnection *bus, const char *sender, const char *path, const char *iface,
                   const char *method, GVariant *args, GDBusMethodInvocation *call, void *arg)
{
    struct desk *d = arg;

    (void)bus;
    (void)sender;
    (void)path;
    (void)iface;
    if (strcmp(method, "Notify") == 0)
        notice(d, args, call);
    else if (strcmp(d->mode, "hang") == 0)
        return;
    else if (strcmp(method, "GetServerInformation") == 0)
        g_dbus_method_invocation_return_value(call,
                                              g_variant_new("(ssss)", "deskd", "test", "7", "1.2"));
    else
        g_dbus_method_invocation_return_value(call,
                                              g_variant_new_parsed("(['body', 'body-markup'],)"));
}

static void named(GDBusConnection *bus, const char *name, void *arg)
{
    (void)bus;
    (void)name;
    (void)arg;
    puts("ready");
    fflush(stdout);
}

static void lost(GDBusConnection *bus, const char *name, void *arg)
{
    (void)bus;
    (void)name;
    (void)arg;
    fputs("deskd: no bus, or the name is taken\n", stderr);
    exit(1);
}

static void on_bus(GDBusConnection *bus, const char *name, void *arg)
{
    static const GDBusInterfaceVTable calls = {.method_call = called};
    GDBusNodeInfo *node = g_dbus_node_info_new_for_xml(xml, NULL);

    (void)name;
    g_dbus_connection_register_object(bus, "/org/freedesktop/Notifications", node->interfaces[0],
                                      &calls, arg, NULL, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 3)
        return 64;
    struct desk d = {.mode = argv[1], .file = argv[2]};
    g_bus_own_name(G_BUS_TYPE_SESSION, "org.freedesktop.Notifications", 0, on_bus, named, lost, &d,
                   NULL);
    g_main_loop_run(g_main_loop_new(NULL, FALSE));
    return 0;
}
