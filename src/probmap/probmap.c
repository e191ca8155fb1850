/* SPDX-License-Identifier: MIT */
/* Maps in a block of the caller's memory, without pointers. */
#include "base/fp.h"

#include <string.h>

#include "probmap/maps.h"

#include "base/arena.h"
#include "base/check.h"
#include "base/config.h"
#include "base/number.h"
#include "base/object.h"

#define PROBMAP_MAGIC     0x314D504Bu /* "KPM1" in this machine's order */
#define PROBMAP_ROWS_MAX  (UINT32_MAX - 1u)
#define PROBMAP_SCORE_MAX (1.0 + 1e-9) /* sums of shares are 1 to rounding */

typedef struct probmap_head {
    uint32_t magic;
    uint32_t method;
    uint32_t n_classes;
    uint32_t max_points;
    uint32_t bytes; /* of the whole block */
    uint32_t at_count;
    uint32_t at_at;
    uint32_t at_value;
} probmap_head;

kedge_status kedge_probmap_config_init(kedge_probmap_config *cfg, size_t cfg_bytes, uint32_t n_classes)
{
    KEDGE_TRY(kedge_i_config_begin(cfg, cfg_bytes, sizeof *cfg));
    cfg->config_bytes = sizeof *cfg;
    cfg->method = KEDGE_MAP_PLATT;
    cfg->n_classes = n_classes;
    cfg->max_points = 256;
    return KEDGE_OK;
}

/* The block's head; bytes 0: out of range. */
static probmap_head probmap_layout(uint32_t method, uint32_t n_classes, uint32_t max_points)
{
    probmap_head head = {PROBMAP_MAGIC, method, n_classes, max_points, 0, 0, 0, 0};
    if (!kedge_i_maps_valid(method, n_classes, max_points))
        return head;
    kedge_i_arena arena = kedge_i_arena_begin(sizeof head);
    uint32_t n = kedge_i_maps_n(n_classes);
    uint32_t points = kedge_i_length(n, kedge_i_maps_room(method, max_points));
    head.at_count = kedge_i_arena_take(&arena, n, sizeof(uint32_t));
    head.at_at = kedge_i_arena_take(&arena, points, sizeof(double));
    head.at_value = kedge_i_arena_take(&arena, points, sizeof(double));
    head.bytes = (uint32_t)kedge_i_arena_end(&arena);
    return head;
}

static probmap_head probmap_plan(const kedge_probmap_config *cfg)
{
    if (cfg->config_bytes != sizeof *cfg)
        return probmap_layout(0, 0, 0);
    return probmap_layout(cfg->method, cfg->n_classes, cfg->max_points);
}

size_t kedge_probmap_size(const kedge_probmap_config *cfg)
{
    return cfg ? probmap_plan(cfg).bytes : 0;
}

kedge_status kedge_probmap_init(kedge_probmap *map, const kedge_probmap_config *cfg, void *mem, size_t mem_bytes)
{
    if (!map || !cfg || !mem)
        return KEDGE_ERR_NULL;
    probmap_head head = probmap_plan(cfg);
    if (head.bytes == 0)
        return KEDGE_ERR_CONFIG;
    KEDGE_TRY(kedge_i_object_room(head.bytes, mem, mem_bytes));
    memset(mem, 0, head.bytes);
    memcpy(mem, &head, sizeof head);
    map->mem = mem;
    return KEDGE_OK;
}

static kedge_i_maps probmap_maps(void *mem)
{
    const probmap_head *head = mem;
    kedge_i_maps maps = {head->method,
                         head->n_classes,
                         kedge_i_maps_room(head->method, head->max_points),
                         kedge_i_at(mem, head->at_count),
                         kedge_i_at(mem, head->at_at),
                         kedge_i_at(mem, head->at_value)};
    return maps;
}

kedge_status kedge_probmap_open(kedge_probmap *map, void *mem, size_t mem_bytes)
{
    probmap_head head;
    if (!map || !mem)
        return KEDGE_ERR_NULL;
    KEDGE_TRY(kedge_i_object_room(sizeof head, mem, mem_bytes));
    memcpy(&head, mem, sizeof head);
    if (head.magic != PROBMAP_MAGIC)
        return KEDGE_ERR_CLASS;
    probmap_head want = probmap_layout(head.method, head.n_classes, head.max_points);
    if (want.bytes == 0 || memcmp(&head, &want, sizeof head) != 0)
        return KEDGE_ERR_STATE;
    if (mem_bytes < head.bytes)
        return KEDGE_ERR_BUFFER;
    kedge_i_maps maps = probmap_maps(mem);
    if (!kedge_i_maps_check(&maps))
        return KEDGE_ERR_STATE;
    map->mem = mem;
    return KEDGE_OK;
}

size_t kedge_probmap_work(const kedge_probmap *map, size_t n)
{
    if (!map || !map->mem || n > PROBMAP_ROWS_MAX)
        return 0;
    uint64_t bytes = kedge_i_maps_work(((const probmap_head *)map->mem)->method, n);
    if (bytes > SIZE_MAX)
        return 0;
    return bytes > 0 ? (size_t)bytes : KEDGE_ALIGN;
}

static kedge_status probmap_check_row(uint32_t n_classes, const double *scores)
{
    for (uint32_t c = 0; c < n_classes; c++)
        if (!kedge_i_within(scores[c], 0.0, PROBMAP_SCORE_MAX))
            return kedge_i_refusal(scores[c]);
    return KEDGE_OK;
}

static kedge_status probmap_check(uint32_t n_classes, const double *scores, const double *y, const double *weight, size_t n,
                                  double *total)
{
    for (size_t i = 0; i < n; i++) {
        double w = weight ? weight[i] : 1.0;
        KEDGE_TRY(probmap_check_row(n_classes, scores + i * n_classes));
        if (!kedge_i_within(y[i], 0.0, (double)n_classes - 1.0) || y[i] != (double)(uint32_t)y[i])
            return kedge_i_refusal(y[i]);
        if (!kedge_i_within(w, 0.0, KEDGE_WEIGHT_MAX))
            return kedge_i_refusal(w);
        *total += w;
    }
    return KEDGE_OK;
}

kedge_status kedge_probmap_fit(kedge_probmap *map, const double *scores, const double *y, const double *weight, size_t n,
                               void *work, size_t work_bytes)
{
    double total = 0.0;
    if (!map || !map->mem || !work || (n > 0 && (!scores || !y)))
        return KEDGE_ERR_NULL;
    size_t need = kedge_probmap_work(map, n);
    if (need == 0)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(kedge_i_object_room(need, work, work_bytes));
    kedge_i_maps maps = probmap_maps(map->mem);
    KEDGE_TRY(probmap_check(maps.n_classes, scores, y, weight, n, &total));
    if (!(total > 0.0))
        return KEDGE_EMPTY;
    kedge_i_maps_fit(&maps, scores, y, weight, n, work);
    return KEDGE_OK;
}

kedge_status kedge_probmap_apply(const kedge_probmap *map, double *scores, size_t n_scores)
{
    if (!map || !map->mem || !scores)
        return KEDGE_ERR_NULL;
    kedge_i_maps maps = probmap_maps(map->mem);
    if (n_scores != maps.n_classes)
        return KEDGE_ERR_SHAPE;
    KEDGE_TRY(probmap_check_row(maps.n_classes, scores));
    kedge_i_maps_apply(&maps, scores);
    return maps.count[0] > 0 ? KEDGE_OK : KEDGE_EMPTY;
}
