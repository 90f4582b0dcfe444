#include "engine/chain.h"

#include <inttypes.h>
#include <string.h>

#include "engine/event_json.h"
#include "engine/jval.h"

void chain_init(struct chain *c)
{
    c->seq = 0;
    memcpy(c->hash, CHAIN_START, HASH_HEX);
}

static void chain_hash(const char *prev, const char *json, char hash[HASH_HEX])
{
    struct buf b = BUF_INIT(0);
    buf_adds(&b, prev);
    buf_addc(&b, '\n');
    buf_adds(&b, json);
    hash_sha256(b.bytes, b.len, hash);
    buf_release(&b);
}

void chain_seal(struct chain *c, struct event *e, struct buf *json)
{
    e->seq = c->seq + 1;
    memcpy(e->prev, c->hash, HASH_HEX);
    struct jval *j = event_json(e, 0);
    buf_clear(json);
    jval_dump(json, j, JVAL_SORTED);
    jval_free(j);
    chain_hash(e->prev, buf_text(json), e->hash);
    c->seq = e->seq;
    memcpy(c->hash, e->hash, HASH_HEX);
}

bool chain_follow(struct chain *c, uint64_t seq, const char *json, const char *hash,
                  struct event *out, struct err *e)
{
    memset(out, 0, sizeof *out);
    if (seq != c->seq + 1)
        return err_set(e, "record %" PRIu64 " is missing", c->seq + 1);
    char want[HASH_HEX];
    chain_hash(c->hash, json, want);
    if (strcmp(want, hash) != 0)
        return err_set(e, "record %" PRIu64 " does not match its hash", seq);
    struct jval *j = jval_parse(json, strlen(json), e);
    bool is_read = j && event_from_json(j, out, e);
    jval_free(j);
    if (!is_read)
        return err_prefix(e, "record %" PRIu64, seq);
    if (out->seq != seq || strcmp(out->prev, c->hash) != 0)
        return err_set(e, "record %" PRIu64 " does not follow the one before it", seq);
    memcpy(out->hash, hash, HASH_HEX);
    c->seq = seq;
    memcpy(c->hash, hash, HASH_HEX);
    return true;
}
