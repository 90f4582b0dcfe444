/* environment.h - what the engine's programs take from their environment: nothing that steers a
 * library behind the site file's back.
 *
 * An allow-list would be simpler, but secrets may stand in variables of any name ({"env": "NAME"}).
 * So everything goes that the loader, libc, OpenSSL, libcurl, libpq, Kerberos, SQLite, libuv or a
 * shell reads as configuration, by whole families.  Children get a list of their own
 * (engine/child.h). */
#ifndef ENGINE_ENVIRONMENT_H
#define ENGINE_ENVIRONMENT_H

/* Once, at the start of a program, before any library is used. */
void environment_clean(void);

#endif
