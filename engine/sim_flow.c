#include "engine/sim_flow.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/map.h"
#include "core/mem.h"
#include "core/text.h"
#include "engine/jval.h"

struct dossier {
    char code[32], key[80]; /* ours; what the sender calls it */
    int state;
};
struct desk { /* of one target */
    const struct target *target;
    char token[40];
    struct dossier kept[SIM_FLOW_KEPT];
    size_t n, made; /* kept; ever handed in */
};
struct sim_flow {
    struct desk *desks;
    size_t n;
};

/* One request at a desk. */
struct turn {
    struct desk *desk;
    const struct sim_ask *ask;
    const struct jval *in; /* NULL: no JSON */
    struct jval *out;
};

struct sim_flow *sim_flow_new(const struct fleet *f)
{
    struct sim_flow *s = mem_alloc(sizeof *s);
    s->desks = mem_alloc(f->n_targets * sizeof *s->desks);
    for (size_t i = 0; i < f->n_targets; i++)
        if (f->targets[i]->kind == TARGET_FLOW)
            s->desks[s->n++].target = f->targets[i];
    return s;
}

void sim_flow_free(struct sim_flow *s)
{
    if (s == NULL)
        return;
    free(s->desks);
    free(s);
}

static struct desk *desk_of(struct sim_flow *s, const struct target *t)
{
    for (size_t i = 0; i < s->n; i++)
        if (s->desks[i].target == t)
            return &s->desks[i];
    return NULL;
}

static int says(struct turn *t, const char *code, const char *message)
{
    jval_set_str(t->out, "error_code", code);
    if (message != NULL)
        jval_set_str(t->out, "message", message);
    return 200;
}

/* A member of the request as clean text, "" if there is none. */
static void member(const struct turn *t, const char *key, char *out, size_t size)
{
    const char *value = jval_get_str(t->in, key);
    char *clean =
        text_cleaned(value != NULL ? value : "", value != NULL ? strlen(value) : 0, size - 1, 0);
    snprintf(out, size, "%s", clean);
    free(clean);
}

static struct dossier *find(struct turn *t)
{
    char code[32];
    member(t, "maHoSo", code, sizeof code);
    for (size_t i = 0; i < t->desk->n; i++)
        if (strcmp(t->desk->kept[i].code, code) == 0)
            return &t->desk->kept[i];
    return NULL;
}

/* --- what can be asked ---------------------------------------------------------------------- */

static int login(struct turn *t)
{
    char user[64], password[64];
    member(t, "taiKhoan", user, sizeof user);
    member(t, "matKhau", password, sizeof password);
    if (user[0] == '\0' || password[0] == '\0')
        return says(t, "17", "sai tài khoản hoặc mật khẩu");
    snprintf(t->desk->token, sizeof t->desk->token, "%016" PRIx64 "%08" PRIx64,
             map_hash(t->desk->target->id), (uint64_t)t->ask->wall_ms & 0xffffffffu);
    jval_set_str(t->out, "access_token", t->desk->token);
    jval_set_int(t->out, "expires_in", 900);
    return says(t, "0", NULL);
}

static int logout(struct turn *t)
{
    t->desk->token[0] = '\0';
    return says(t, "0", NULL);
}

static int hand_in(struct turn *t)
{
    struct desk *d = t->desk;
    struct dossier *new;
    char key[sizeof new->key];
    member(t, "maGiaoDich", key, sizeof key);
    if (t->ask->now.is_degraded)
        return says(t, "21", "chưa nhận được hồ sơ");
    if (key[0] == '\0')
        return says(t, "22", "thiếu maGiaoDich");
    if (d->n == SIM_FLOW_KEPT)
        memmove(d->kept, d->kept + 1, --d->n * sizeof *d->kept);
    new = &d->kept[d->n++];
    *new = (struct dossier){.state = 1};
    snprintf(new->code, sizeof new->code, "G01-%06" PRIx64 "-%06zu",
             map_hash(d->target->id) & 0xffffff, ++d->made % 1000000);
    snprintf(new->key, sizeof new->key, "%s", key);
    jval_set_str(t->out, "maHoSo", new->code);
    return says(t, "0", NULL);
}

static int look_up(struct turn *t)
{
    const struct dossier *d = find(t);
    if (d == NULL)
        return says(t, "31", "không có hồ sơ này");
    jval_set_str(t->out, "maHoSo", d->code);
    jval_set_str(t->out, "maGiaoDich", d->key);
    jval_set_int(t->out, "trangThai", d->state);
    return says(t, "0", NULL);
}

static int move_on(struct turn *t)
{
    struct dossier *d = find(t);
    int64_t state = jval_get_int(t->in, "trangThai", 0);
    if (t->ask->now.is_degraded)
        return says(t, "21", "chưa cập nhật được tiến độ");
    if (d == NULL)
        return says(t, "31", "không có hồ sơ này");
    if (state < 1 || state > 10) /* the dossier states of the portal */
        return says(t, "23", "trạng thái không hợp lệ");
    d->state = (int)state;
    return says(t, "0", NULL);
}

static int take_back(struct turn *t)
{
    struct dossier *d = find(t);
    if (t->ask->now.is_lost)
        return says(t, "40", "chưa hủy được hồ sơ thử");
    if (d == NULL)
        return says(t, "31", "không có hồ sơ này");
    struct dossier *end = t->desk->kept + t->desk->n--;
    memmove(d, d + 1, (size_t)(end - d - 1) * sizeof *d);
    return says(t, "0", NULL);
}

static int list(struct turn *t)
{
    struct jval *all = jval_array();
    if (t->ask->now.is_degraded) {
        jval_free(all);
        return says(t, "21", "chưa đọc được danh sách");
    }
    for (int i = 1; i <= 3; i++) {
        struct jval *one = jval_object();
        char code[16];
        snprintf(code, sizeof code, "1.%06d", i * 117);
        jval_set_str(one, "maTTHC", code);
        jval_append(all, one);
    }
    jval_set_int(t->out, "tongSo", 3);
    jval_set(t->out, "danhSach", all);
    return says(t, "0", NULL);
}

static int procedure(struct turn *t)
{
    char code[32];
    member(t, "maTTHC", code, sizeof code);
    if (strncmp(code, "1.", 2) != 0)
        return says(t, "31", "không có thủ tục này");
    jval_set_str(t->out, "maTTHC", code);
    return says(t, "0", NULL);
}

static const struct {
    const char *path;
    int (*fn)(struct turn *t);
    bool is_open; /* no token needed */
} doors[] = {
    {"/api/login", login, true},
    {"/api/logout", logout, false},
    {"/api/DongBoHoSoMC", hand_in, false},
    {"/api/CapNhatTienDoHoSoMC", move_on, false},
    {"/api/TraCuuHoSo", look_up, false},
    {"/api/HuyHoSo", take_back, false},
    {"/api/LayDanhSachTTHC", list, false},
    {"/api/LayThuTuc", procedure, false},
    {"/api/TaoThanhToan", hand_in, false},
    {"/api/TraCuuThanhToan", look_up, false},
    {"/api/HuyThanhToan", take_back, false},
};
#define N_DOORS (sizeof doors / sizeof *doors)

static bool has_token(const struct turn *t)
{
    const char *auth = t->ask->request->authorization;
    return t->desk->token[0] != '\0' && strncmp(auth, "Bearer ", 7) == 0 &&
           strcmp(auth + 7, t->desk->token) == 0;
}

bool sim_flow_answer(struct sim_flow *s, struct buf *out, const struct sim_ask *ask)
{
    struct turn t = {.desk = desk_of(s, ask->target), .ask = ask};
    struct buf body = BUF_INIT(0);
    size_t i = 0;
    int code;
    if (t.desk == NULL || ask->now.is_wrong || ask->now.error_code > 0)
        return false; /* those are sim_answer's, whoever is asked */
    while (i < N_DOORS && strcmp(doors[i].path, ask->request->path) != 0)
        i++;
    if (i == N_DOORS)
        return false;
    struct jval *in = jval_parse(ask->request->body, ask->request->body_len, NULL);
    t.in = in;
    t.out = jval_object();
    code = doors[i].is_open || has_token(&t) ? doors[i].fn(&t)
                                             : (says(&t, "18", "phiên đã hết hạn"), 401);
    jval_dump(&body, t.out, 0);
    sim_http_answer(out, ask->request, code, "application/json", buf_text(&body));
    buf_release(&body);
    jval_free(t.out);
    jval_free(in);
    return true;
}
