/* SPDX-License-Identifier: MIT */
/* A model card: what is known of a version, in the order of Mitchell et al. 2019, "Model cards for model reporting", section 4:
 * what it is, what it is for, what it was trained on, how it tested, what became of it. A line is left out where nothing is
 * known. */
#include "base/fp.h"

#include <math.h>

#include "pipeline/store_state.h"

#include "kedge/gate.h"

#include "base/text.h"
#include "pipeline/reason_text.h"

typedef struct model_card {
    const kedge_control *store;
    const kedge_store_version *v;
    const char *title;
    const char *intent;
} model_card;

static void model_card_label(kedge_i_text *out, const char *label)
{
    size_t since = out->n;
    kedge_i_text_string(out, label);
    kedge_i_text_char(out, ':');
    kedge_i_text_pad(out, since, 12);
}

static void model_card_whole(kedge_i_text *out, const char *label, uint64_t x, const char *unit)
{
    if (x == 0)
        return;
    model_card_label(out, label);
    kedge_i_text_whole(out, x);
    kedge_i_text_string(out, unit);
    kedge_i_text_char(out, '\n');
}

static void model_card_range(kedge_i_text *out, const char *label, uint64_t from, uint64_t to, const char *unit)
{
    if (from == 0 && to == 0)
        return;
    model_card_label(out, label);
    kedge_i_text_whole(out, from);
    if (to == UINT64_MAX) {
        kedge_i_text_string(out, unit);
        kedge_i_text_string(out, " to now\n");
        return;
    }
    kedge_i_text_string(out, " to ");
    kedge_i_text_whole(out, to);
    kedge_i_text_string(out, unit);
    kedge_i_text_char(out, '\n');
}

static void model_card_hex(kedge_i_text *out, const char *label, const char *what, const unsigned char *bytes, size_t n)
{
    static const char digits[] = "0123456789abcdef";
    size_t i = 0;
    while (i < n && bytes[i] == 0)
        i++;
    if (i == n)
        return;
    model_card_label(out, label);
    kedge_i_text_string(out, what);
    for (i = 0; i < n; i++) {
        kedge_i_text_char(out, digits[bytes[i] >> 4]);
        kedge_i_text_char(out, digits[bytes[i] & 15]);
    }
    kedge_i_text_char(out, '\n');
}

static void model_card_hash(kedge_i_text *out, const char *label, const unsigned char hash[KEDGE_HASH_BYTES])
{
    model_card_hex(out, label, "SHA-256 ", hash, KEDGE_HASH_BYTES);
}

static void model_card_set(kedge_i_text *out, const char *label, uint32_t set)
{
    if (set == 0)
        return;
    model_card_label(out, label);
    for (uint32_t i = 0, n = 0; i < 32; i++) {
        if (!(set & UINT32_C(1) << i))
            continue;
        kedge_i_text_string(out, n++ ? ", " : "");
        if (i < KEDGE_GATE_FIRST + KEDGE_GATE_CHECKS) {
            kedge_i_text_string(out, kedge_gate_check_name(i));
        } else {
            kedge_i_text_string(out, "test ");
            kedge_i_text_whole(out, i);
        }
    }
    kedge_i_text_char(out, '\n');
}

static void model_card_head(kedge_i_text *out, const model_card *c)
{
    kedge_i_text_string(out, "# ");
    kedge_i_text_name(out, c->title ? c->title : "Model", SIZE_MAX, KEDGE_I_TEXT_PLAIN);
    kedge_i_text_string(out, ", version ");
    kedge_i_text_whole(out, c->v->id);
    kedge_i_text_char(out, '\n');
    if (c->intent) {
        kedge_i_text_char(out, '\n');
        kedge_i_text_name(out, c->intent, SIZE_MAX, KEDGE_I_TEXT_PLAIN);
        kedge_i_text_char(out, '\n');
    }
    kedge_i_text_char(out, '\n');
}

static void model_card_name(kedge_i_text *out, const char *label, const char *name, size_t most)
{
    if (!name[0])
        return;
    model_card_label(out, label);
    kedge_i_text_name(out, name, most, KEDGE_I_TEXT_PLAIN);
    kedge_i_text_char(out, '\n');
}

static void model_card_status(kedge_i_text *out, const kedge_store_version *v)
{
    model_card_label(out, "status");
    kedge_i_text_string(out, kedge_store_status_string(v->status));
    kedge_i_text_string(out, v->is_pinned ? ", pinned\n" : "\n");
}

static void model_card_reason(kedge_i_text *out, const kedge_store_version *v)
{
    const kedge_triggers_call call = {.kind = v->trigger_kind,
                                      .source = v->trigger_source,
                                      .code = v->trigger_code,
                                      .value = v->trigger_value,
                                      .limit = v->trigger_limit};
    if (v->trigger_kind == 0)
        return;
    model_card_label(out, "reason");
    kedge_i_reason_text(out, &call);
    kedge_i_text_char(out, '\n');
}

static void model_card_training(kedge_i_text *out, const kedge_store_version *v)
{
    model_card_whole(out, "parent", v->parent, "");
    model_card_whole(out, "created", v->created_ns, " ns");
    model_card_reason(out, v);
    model_card_range(out, "rows", v->first_row, v->last_row, "");
    model_card_range(out, "time", v->from_ns, v->to_ns, " ns");
    model_card_whole(out, "trained on", v->n_rows, " rows");
    model_card_whole(out, "seed", v->seed, "");
    model_card_whole(out, "took", v->training_ns, " ns");
    model_card_whole(out, "compute", v->compute_ns, " ns");
    if (v->cost == 0.0)
        return;
    model_card_label(out, "cost");
    kedge_i_text_short(out, v->cost);
    kedge_i_text_char(out, '\n');
}

static void model_card_figure_name(kedge_i_text *out, const kedge_control *store, uint32_t i)
{
    char name[KEDGE_TAG_BYTES];
    if (kedge_store_figure_name(store, i, name) == KEDGE_OK && name[0]) {
        (void)kedge_i_text_name(out, name, sizeof name, KEDGE_I_TEXT_PLAIN);
        return;
    }
    kedge_i_text_string(out, "figure ");
    kedge_i_text_whole(out, i);
}

static void model_card_figures(kedge_i_text *out, const model_card *c)
{
    double x;
    for (uint32_t i = 0; kedge_store_figure(c->store, c->v->id, i, &x) == KEDGE_OK; i++) {
        size_t since = out->n;
        if (isnan(x))
            continue;
        model_card_figure_name(out, c->store, i);
        kedge_i_text_string(out, ": ");
        kedge_i_text_pad(out, since, 12);
        kedge_i_text_short(out, x);
        kedge_i_text_char(out, '\n');
    }
}

static void model_card_history(kedge_i_text *out, const model_card *c)
{
    kedge_store_stretch stretch;
    for (uint32_t i = 0; kedge_store_history(c->store, i, &stretch) == KEDGE_OK; i++)
        if (stretch.id == c->v->id)
            model_card_range(out, "served", stretch.from_ns, stretch.to_ns, " ns");
}

static void model_card_tell(kedge_i_text *out, const void *what)
{
    const model_card *c = what;
    const kedge_store_version *v = c->v;
    model_card_head(out, c);
    model_card_status(out, v);
    model_card_name(out, "tag", v->tag, sizeof v->tag);
    model_card_name(out, "class", v->model_class, sizeof v->model_class);
    model_card_training(out, v);
    model_card_set(out, "passed", v->tests_passed);
    model_card_set(out, "failed", v->tests_failed);
    model_card_set(out, "undecided", v->tests_undecided);
    model_card_figures(out, c);
    model_card_history(out, c);
    model_card_hash(out, "settings", v->config_digest);
    model_card_hash(out, "prep", v->prep_digest);
    model_card_hash(out, "model", v->model_digest);
    model_card_whole(out, "snapshot", v->artifact_bytes, " bytes");
    model_card_hex(out, "signature", "", v->signature, v->signature_bytes);
}

kedge_status kedge_store_card(const kedge_control *c, uint64_t id, const char *title, const char *intent, char *buf, size_t cap,
                              size_t *len)
{
    uint32_t place;
    KEDGE_TRY(store_look(c, id, &place));
    if (!len || (!buf && cap > 0))
        return KEDGE_ERR_NULL;
    const model_card what = {c, &store_slot_const(c->state, place)->v, title, intent};
    return kedge_i_text_write(model_card_tell, &what, buf, cap, len);
}
