/* SPDX-License-Identifier: MIT */
/* Nearest neighbours with self-adjusting memory: against a straightforward reference that keeps two lists of rows and sorts, row
 * for row. */
#include <fenv.h>
#include <math.h>
#include <stdlib.h>

#include "support.h"

enum { MAX_FEATURES = 12, MAX_ROWS = 128, MAX_CLASSES = 100, LEVELS = 8 };

static void *start(kedge_model *m, const kedge_sam_knn_config *c)
{
    size_t bytes = kedge_model_size(&c->base);
    void *mem = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_init(m, &c->base, mem, bytes), KEDGE_OK);
    return mem;
}

static kedge_sam_knn_config config(uint32_t n_features, uint32_t n_classes, uint32_t k, uint32_t window, uint32_t min_short)
{
    kedge_sam_knn_config c = kedge_sam_knn_defaults(n_features, n_classes);
    c.k = k;
    c.window = window;
    c.min_short = min_short;
    return c;
}

/* The reference ---------------------------------------------------------------------------------------------------------------- */

typedef struct naive_row {
    double x[MAX_FEATURES];
    double y;
    double weight;
    int wrong[LEVELS]; /* at each level that is tried on it */
    int right[3];      /* short-term, long-term, both */
} naive_row;

typedef struct naive {
    kedge_sam_knn_config c;
    kedge_rng rng;
    naive_row recent[MAX_ROWS], old[MAX_ROWS];
    int n_recent, n_old;
    int age[LEVELS]; /* rows since a level was tried in full */
    int n_shrunk, n_cleaned, n_condensed, n_single, n_refused; /* what has happened */
} naive;

typedef struct naive_neighbour {
    const naive_row *row;
    double distance;
    int order;
} naive_neighbour;

/* Of a set of rows; later ones first among equals, short-term ones before long-term ones. */
typedef struct naive_set {
    naive_neighbour all[2 * MAX_ROWS];
    int n;
} naive_set;

static double naive_inverse(const naive *a, uint32_t j)
{
    long double mean = 0, square = 0;
    int n = 0;
    if (a->c.scale == KEDGE_KNN_RAW)
        return 1;
    for (int i = 0; i < a->n_recent + a->n_old; i++) {
        double x = i < a->n_recent ? a->recent[i].x[j] : a->old[i - a->n_recent].x[j];
        mean += isnan(x) ? 0 : x;
        n += !isnan(x);
    }
    mean /= n > 0 ? n : 1;
    for (int i = 0; i < a->n_recent + a->n_old; i++) {
        double x = i < a->n_recent ? a->recent[i].x[j] : a->old[i - a->n_recent].x[j];
        square += isnan(x) ? 0 : (x - mean) * (x - mean);
    }
    if (a->c.scale == KEDGE_KNN_RANGE) {
        double least = INFINITY, greatest = -INFINITY;
        for (int i = 0; i < a->n_recent + a->n_old; i++) {
            double x = i < a->n_recent ? a->recent[i].x[j] : a->old[i - a->n_recent].x[j];
            least = fmin(least, x); /* fmin and fmax leave out what is missing */
            greatest = fmax(greatest, x);
        }
        return greatest > least ? 1 / (greatest - least) : 0;
    }
    return square > 0 ? (double)(1 / sqrtl(square / n)) : 0;
}

static void naive_scale(const naive *a, double *inverse)
{
    for (uint32_t j = 0; j < a->c.base.n_features; j++)
        inverse[j] = naive_inverse(a, j);
}

static double naive_distance(const naive *a, const double *inverse, const double *p, const double *q)
{
    double sum = 0;
    int n = (int)a->c.base.n_features, known = 0;
    for (int j = 0; j < n; j++) {
        if (isnan(p[j]) || isnan(q[j]))
            continue;
        double off = (p[j] - q[j]) * inverse[j];
        sum += a->c.distance == KEDGE_KNN_EUCLIDEAN ? off * off : fabs(off);
        known++;
    }
    if (known == 0)
        return 1e300;
    return known < n ? sum * ((double)n / known) : sum;
}

static void naive_add(const naive *a, naive_set *set, const double *inverse, const naive_row *rows, int from, int to,
                      int skip, const double *x)
{
    for (int i = to - 1; i >= from; i--)
        if (i != skip) {
            naive_neighbour *q = &set->all[set->n];
            q->row = &rows[i];
            q->distance = naive_distance(a, inverse, rows[i].x, x);
            q->order = set->n++;
        }
}

static int naive_compare(const void *a, const void *b)
{
    const naive_neighbour *p = a, *q = b;
    if (p->distance != q->distance)
        return p->distance < q->distance ? -1 : 1;
    return p->order - q->order;
}

/* The k nearest to the front. */
static void naive_sort(const naive *a, naive_set *set)
{
    qsort(set->all, (size_t)set->n, sizeof set->all[0], naive_compare);
    set->n = set->n < (int)a->c.k ? set->n : (int)a->c.k;
}

static void naive_votes(const naive *a, const naive_set *set, double *scores)
{
    double total = 0;
    memset(scores, 0, MAX_CLASSES * sizeof *scores);
    for (int i = 0; i < set->n; i++) {
        double least = set->all[0].distance, d = set->all[i].distance, vote = set->all[i].row->weight;
        if (a->c.weights == KEDGE_KNN_INVERSE && d != least)
            vote *= a->c.distance == KEDGE_KNN_EUCLIDEAN ? sqrt(least / d) : least / d;
        scores[(int)set->all[i].row->y] += vote;
        total += vote;
    }
    for (int c = 0; c < MAX_CLASSES; c++)
        scores[c] /= total;
}

static int naive_class(const naive *a, const naive_set *set)
{
    double scores[MAX_CLASSES];
    int best = 0;
    naive_votes(a, set, scores);
    for (int c = 1; c < MAX_CLASSES; c++)
        best = scores[c] > scores[best] ? c : best;
    return best;
}

static void naive_memory(const naive *a, naive_set *set, int which, const double *inverse, const double *x)
{
    set->n = 0;
    if (which != 1)
        naive_add(a, set, inverse, a->recent, 0, a->n_recent, -1, x);
    if (which != 0)
        naive_add(a, set, inverse, a->old, 0, a->n_old, -1, x);
    naive_sort(a, set);
}

static void naive_score(const naive *a, const double *x, double *scores)
{
    double inverse[MAX_FEATURES];
    naive_set set;
    int right[3] = {0}, which = 0;
    for (int i = 0; i < a->n_recent; i++)
        for (int j = 0; j < 3; j++)
            right[j] += a->recent[i].right[j];
    if (a->n_old > 0 && (right[0] < right[1] || right[0] < right[2]))
        which = right[1] >= right[2] ? 1 : 2;
    naive_scale(a, inverse);
    naive_memory(a, &set, which, inverse, x);
    naive_votes(a, &set, scores);
}

static int naive_level_size(const naive *a, int level, int n)
{
    return level == 0 || n >> level >= (int)a->c.min_short ? n >> level : 0;
}

static int naive_is_neighbour(const naive_set *set, const naive_row *row, double reach, double y)
{
    for (int i = 0; i < set->n; i++)
        if (set->all[i].row == row)
            return set->all[i].distance <= reach && row->y != y;
    return 0;
}

/* From rows those go that contradict class y, whose neighbours are `own`: the latest first, each changing places with the last. */
static int naive_clean(const naive_set *own, const naive_set *set, double y, naive_row *rows, int n)
{
    double reach = -1;
    for (int i = 0; i < own->n; i++)
        reach = own->all[i].row->y == y && own->all[i].distance > reach ? own->all[i].distance : reach;
    int goes[MAX_ROWS];
    for (int i = 0; i < n; i++)
        goes[i] = naive_is_neighbour(set, &rows[i], reach, y);
    for (int i = n - 1; i >= 0; i--)
        if (goes[i])
            rows[i] = rows[--n];
    return n;
}

static void naive_front(naive_row *rows, int *n, int gone)
{
    *n -= gone;
    memmove(rows, rows + gone, (size_t)*n * sizeof *rows);
}

/* Where a level is tried: each row has k before it. */
static int naive_tried_at(const naive *a, int level)
{
    int size = naive_level_size(a, level, a->n_recent), k = (int)a->c.k;
    return size > k ? a->n_recent - size + k : a->n_recent;
}

/* A level has no marks elsewhere. */
static void naive_leave_levels(naive *a)
{
    for (int level = 0; level < LEVELS; level++)
        for (int i = 0; i < naive_tried_at(a, level); i++)
            a->recent[i].wrong[level] = 0;
}

static int naive_draw(naive *a, const double *distances, int n)
{
    double sum = 0, left;
    int drawn = -1;
    for (int i = 0; i < n; i++)
        sum += distances[i];
    left = kedge_rng_uniform(&a->rng) * sum;
    for (int i = 0; i < n && left >= 0; i++) {
        drawn = distances[i] > 0 ? i : drawn;
        left -= distances[i];
    }
    return drawn;
}

static double naive_mean(const double *x, const int *is_of, int c, int n)
{
    double mean = (double)NAN;
    int known = 0;
    for (int i = 0; i < n; i++)
        if (is_of[i] == c && !isnan(x[i])) {
            known++;
            mean = known == 1 ? x[i] : mean + (x[i] - mean) / known;
        }
    return mean;
}

/* n rows of one class to half as many centres. */
static int naive_condense_class(naive *a, const double *inverse, const naive_row *rows, int n, naive_row *out)
{
    naive_row centres[MAX_ROWS];
    double nearest[MAX_ROWS], column[MAX_ROWS];
    int is_of[MAX_ROWS], k = 0, n_out = 0;
    if (n == 1) {
        out[0] = rows[0];
        return 1;
    }
    for (int i = 0; i < n; i++)
        nearest[i] = 1;
    for (; k < n / 2; k++) {
        int drawn = naive_draw(a, nearest, n);
        if (drawn < 0)
            break;
        centres[k] = rows[drawn];
        for (int i = 0; i < n; i++) {
            double d = naive_distance(a, inverse, rows[i].x, rows[drawn].x);
            nearest[i] = k == 0 || d < nearest[i] ? d : nearest[i];
        }
    }
    for (int i = 0; i < n; i++) {
        is_of[i] = k - 1;
        for (int c = k - 1; c >= 0; c--)
            if (naive_distance(a, inverse, centres[c].x, rows[i].x) < naive_distance(a, inverse, centres[is_of[i]].x, rows[i].x))
                is_of[i] = c;
    }
    for (int c = 0; c < k; c++) {
        int size = 0;
        for (int i = 0; i < n; i++)
            size += is_of[i] == c;
        if (size == 0)
            continue;
        out[n_out] = centres[c];
        for (uint32_t j = 0; j < a->c.base.n_features; j++) {
            for (int i = 0; i < n; i++)
                column[i] = rows[i].x[j];
            out[n_out].x[j] = naive_mean(column, is_of, c, n);
        }
        for (int i = 0; i < n; i++)
            column[i] = rows[i].weight;
        out[n_out++].weight = naive_mean(column, is_of, c, n);
    }
    return n_out;
}

static void naive_condense(naive *a)
{
    double inverse[MAX_FEATURES];
    naive_row out[MAX_ROWS];
    int n_out = 0, from = 0;
    naive_scale(a, inverse);
    for (int c = 0; c < MAX_CLASSES; c++) {
        int end = from;
        for (int i = from; i < a->n_old; i++)
            if (a->old[i].y == c) {
                naive_row keep = a->old[end];
                a->old[end++] = a->old[i];
                a->old[i] = keep;
            }
        if (end > from)
            n_out += naive_condense_class(a, inverse, a->old + from, end - from, out + n_out);
        from = end;
    }
    if (n_out == a->n_old) {
        out[kedge_rng_below(&a->rng, (uint64_t)n_out)] = out[n_out - 1];
        n_out--;
        a->n_single++;
    }
    memcpy(a->old, out, sizeof out);
    a->n_old = n_out;
    a->n_condensed++;
}

static void naive_make_room(naive *a)
{
    int most = (int)(a->c.long_share * a->c.window);
    int moved = (most > 0 ? most : 1) - a->n_old;
    if (moved > 0) {
        memcpy(a->old + a->n_old, a->recent, (size_t)moved * sizeof *a->old);
        a->n_old += moved;
        naive_front(a->recent, &a->n_recent, moved);
        naive_leave_levels(a);
    }
    naive_condense(a);
}

static double naive_error(const naive *a, int level)
{
    int at = naive_tried_at(a, level), wrong = 0;
    for (int i = at; i < a->n_recent; i++)
        wrong += a->recent[i].wrong[level];
    return at < a->n_recent ? (double)wrong / (a->n_recent - at) : 0;
}

static int naive_best_level(const naive *a)
{
    int best = 0;
    for (int level = 1; level < LEVELS && naive_level_size(a, level, a->n_recent) > 0; level++)
        best = naive_error(a, level) < naive_error(a, best) ? level : best;
    return best;
}

/* All rows of a level, each by those before it. */
static void naive_try_in_full(naive *a, int level)
{
    double inverse[MAX_FEATURES];
    int from = a->n_recent - naive_level_size(a, level, a->n_recent);
    naive_scale(a, inverse);
    for (int i = naive_tried_at(a, level); i < a->n_recent; i++) {
        naive_set set = {.n = 0};
        naive_add(a, &set, inverse, a->recent, from, i, -1, a->recent[i].x);
        naive_sort(a, &set);
        a->recent[i].wrong[level] = naive_class(a, &set) != a->recent[i].y;
    }
    a->age[level] = 0;
}

static int naive_choose_level(naive *a)
{
    if (naive_best_level(a) == 0)
        return 0;
    for (int level = 1; level < LEVELS && naive_level_size(a, level, a->n_recent) > 0; level++)
        if (naive_error(a, level) < naive_error(a, 0) && a->age[level] > naive_level_size(a, level, a->n_recent) / 4)
            naive_try_in_full(a, level);
    a->n_refused += naive_best_level(a) == 0;
    return naive_best_level(a);
}

/* The size of least error among the halvings becomes the size of the short-term memory. */
static void naive_adapt(naive *a)
{
    double inverse[MAX_FEATURES];
    int n = a->n_recent, level = naive_choose_level(a);
    if (level == 0)
        return;
    naive_row discarded[MAX_ROWS];
    int gone = n - naive_level_size(a, level, n), n_kept = gone;
    naive_scale(a, inverse);
    memcpy(discarded, a->recent, (size_t)gone * sizeof *discarded);
    naive_front(a->recent, &a->n_recent, gone);
    memmove(a->age, a->age + level, (size_t)(LEVELS - level) * sizeof(int));
    for (int i = 0; i < a->n_recent; i++) {
        naive_set own = {.n = 0}, set = {.n = 0};
        memmove(a->recent[i].wrong, a->recent[i].wrong + level, (size_t)(LEVELS - level) * sizeof(int));
        memset(a->recent[i].wrong + LEVELS - level, 0, (size_t)level * sizeof(int));
        naive_add(a, &own, inverse, a->recent, 0, a->n_recent, i, a->recent[i].x);
        naive_sort(a, &own);
        naive_add(a, &set, inverse, discarded, 0, n_kept, -1, a->recent[i].x);
        naive_sort(a, &set);
        n_kept = naive_clean(&own, &set, a->recent[i].y, discarded, n_kept);
    }
    memcpy(a->old + a->n_old, discarded, (size_t)n_kept * sizeof *discarded);
    a->n_old += n_kept;
    a->n_cleaned += gone - n_kept;
    a->n_shrunk++;
}

static void naive_begin_levels(naive *a)
{
    for (int level = 1; level < LEVELS; level++)
        if (naive_level_size(a, level, a->n_recent) > 0 && naive_level_size(a, level, a->n_recent - 1) == 0)
            naive_try_in_full(a, level);
}

static void naive_learn(naive *a, const double *x, double y, double weight)
{
    double inverse[MAX_FEATURES];
    naive_set own, old, set;
    naive_row row = {.y = y, .weight = weight};
    memcpy(row.x, x, a->c.base.n_features * sizeof *x);
    if (a->n_recent + a->n_old == (int)a->c.window)
        naive_make_room(a);
    naive_scale(a, inverse);
    for (int which = 0; which < 3; which++) {
        naive_memory(a, which == 0 ? &own : which == 1 ? &old : &set, which, inverse, x);
        const naive_set *one = which == 0 ? &own : which == 1 ? &old : &set;
        row.right[which] = one->n > 0 && naive_class(a, one) == y;
    }
    for (int level = 0; level < LEVELS; level++) {
        int size = naive_level_size(a, level, a->n_recent + 1);
        if (naive_level_size(a, level, a->n_recent) == 0)
            continue;
        set.n = 0;
        naive_add(a, &set, inverse, a->recent, a->n_recent + 1 - size, a->n_recent, -1, x);
        naive_sort(a, &set);
        row.wrong[level] = size > (int)a->c.k && naive_class(a, &set) != y;
        a->age[level]++;
    }
    int n_old = naive_clean(&own, &old, y, a->old, a->n_old);
    a->n_cleaned += a->n_old - n_old;
    a->n_old = n_old;
    a->recent[a->n_recent++] = row;
    naive_leave_levels(a);
    naive_begin_levels(a);
    naive_adapt(a);
}

/* Against it ------------------------------------------------------------------------------------------------------------------- */

/* Classes lie apart in the first two features; every 150 rows they change places, or all features move. */
static void draw(kedge_rng *rng, const kedge_sam_knn_config *c, int i, int whole, double missing, double *x, double *y)
{
    uint32_t is = (uint32_t)kedge_rng_below(rng, c->base.n_classes);
    *y = (is + (uint32_t)(i / 150 % 2)) % c->base.n_classes;
    for (uint32_t j = 0; j < c->base.n_features; j++) {
        x[j] = kedge_rng_normal(rng) + (j < 2 ? 2.0 * is : 0) + (i / 300 % 3) * 4;
        if (whole)
            x[j] = floor(x[j]);
        if (kedge_rng_uniform(rng) < missing)
            x[j] = (double)NAN;
    }
    if (kedge_rng_uniform(rng) < 0.1)
        *y = (double)kedge_rng_below(rng, c->base.n_classes);
}

static void expect_alike(const kedge_model *m, const naive *a, const double *x)
{
    static double have[MAX_CLASSES], want[MAX_CLASSES];
    double y = -1;
    uint32_t best = 0;
    naive_score(a, x, want);
    assert_int_equal(kedge_model_score(m, x, have, a->c.base.n_classes), KEDGE_OK);
    assert_int_equal(kedge_model_predict(m, x, &y), KEDGE_OK);
    for (uint32_t c = 0; c < a->c.base.n_classes; c++) {
        assert_close(have[c], want[c], 1e-7);
        best = have[c] > have[best] ? c : best;
    }
    assert_true(y == best);
}

static naive reference;

static void compare(const kedge_sam_knn_config *c, int n_rows, int whole, double missing, uint64_t seed)
{
    naive *a = &reference;
    kedge_model m;
    kedge_rng rng = {seed};
    void *mem = start(&m, c);
    memset(a, 0, sizeof *a);
    a->c = *c;
    a->rng.state = c->seed;
    for (int i = 0; i < n_rows; i++) {
        double x[MAX_FEATURES], y;
        draw(&rng, c, i, whole, missing, x, &y);
        if (i > 0)
            expect_alike(&m, a, x);
        assert_int_equal(kedge_model_learn(&m, x, y, 1 + i % 2), KEDGE_OK);
        naive_learn(a, x, y, 1 + i % 2);
        if (i % 50 == 0)
            assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    }
    guard_free(mem);
}

static void test_equals_naive(void **state)
{
    (void)state;
    int n_shrunk = 0, n_cleaned = 0, n_condensed = 0, n_refused = 0;
    for (uint32_t i = 0; i < 12; i++) {
        kedge_sam_knn_config c = config(1 + i % 4, 2 + i % 3, 1 + i % 5, 40 + 11 * (i % 5), 6 + i % 4);
        c.seed = i;
        c.distance = 1 + i % 2;
        c.weights = 1 + i / 2 % 2;
        c.scale = i % 3 == 0 ? KEDGE_KNN_STANDARD : i % 3 == 1 ? KEDGE_KNN_RANGE : KEDGE_KNN_RAW;
        c.long_share = 0.2 + 0.1 * (i % 4);
        compare(&c, 700, c.scale == KEDGE_KNN_RAW && i % 2, i % 4 == 3 ? 0.2 : 0, i);
        n_shrunk += reference.n_shrunk;
        n_cleaned += reference.n_cleaned;
        n_condensed += reference.n_condensed;
        n_refused += reference.n_refused;
    }
    print_message("%d times smaller, %d times not after all, %d rows cleaned, %d times condensed\n", n_shrunk, n_refused, n_cleaned,
                  n_condensed);
    assert_true(n_shrunk > 20 && n_refused > 5 && n_cleaned > 100 && n_condensed > 50);
}

/* More classes than the long-term memory has room: nothing can be condensed, and one row goes. */
static void test_many_classes(void **state)
{
    (void)state;
    kedge_sam_knn_config c = config(2, MAX_CLASSES, 1, 8, 2);
    compare(&c, 300, 0, 0, 1);
    assert_true(reference.n_single > 0);
    c.long_share = 0.1; /* of 8 rows less than one, so one */
    compare(&c, 300, 0, 0, 1);
    assert_true(reference.n_single > 0);
}

/* Features that all rows of a centre lack, and rows that all are the same. */
static void test_missing_and_equal(void **state)
{
    (void)state;
    kedge_sam_knn_config c = config(2, 2, 2, 24, 3);
    c.scale = KEDGE_KNN_RAW;
    compare(&c, 1500, 1, 0.7, 3);
    assert_true(reference.n_condensed > 3);
    kedge_model m;
    void *mem = start(&m, &c);
    double x[2] = {1, (double)NAN}, y = -1;
    for (int i = 0; i < 200; i++)
        assert_int_equal(kedge_model_learn(&m, x, 1, 1), KEDGE_OK);
    assert_int_equal(kedge_model_check(&m), KEDGE_OK);
    assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
    assert_true(y == 1);
    guard_free(mem);
}

static int count_right(kedge_model *m, kedge_rng *rng, int n, int is_turned, double at)
{
    int right = 0;
    for (int i = 0; i < n; i++) {
        double x[2] = {kedge_rng_normal(rng) + at, kedge_rng_normal(rng)}, y, is = (x[0] - at > 0) != is_turned;
        assert_true(kedge_model_predict(m, x, &y) >= 0);
        right += y == is;
        assert_int_equal(kedge_model_learn(m, x, is, 1), KEDGE_OK);
    }
    return right;
}

/* A concept that turns round: the short-term memory shrinks, so it recovers sooner than a window of the same size. */
static void test_follows_drift(void **state)
{
    (void)state;
    kedge_sam_knn_config c = config(2, 2, 5, 400, 20);
    kedge_knn_config window = kedge_knn_defaults(2, 2);
    kedge_model m, plain;
    kedge_rng rng = {3}, same = {3};
    window.window = 400;
    void *mem = start(&m, &c);
    size_t bytes = kedge_model_size(&window.base);
    void *other = guard_new(bytes, 0xA5);
    assert_int_equal(kedge_model_init(&plain, &window.base, other, bytes), KEDGE_OK);
    assert_true(count_right(&m, &rng, 600, 0, 0) > 550);
    count_right(&plain, &same, 600, 0, 0);
    int have = count_right(&m, &rng, 300, 1, 0), without = count_right(&plain, &same, 300, 1, 0);
    print_message("right after the turn: %d of 300, in a plain window %d\n", have, without);
    assert_true(have > 220 && have > without + 60);
    guard_free(other);
    guard_free(mem);
}

/* What was learned elsewhere and is not contradicted is remembered: the long-term memory knows it when it comes back. */
static void test_remembers(void **state)
{
    (void)state;
    kedge_sam_knn_config c = config(2, 2, 5, 300, 20);
    c.scale = KEDGE_KNN_RAW;
    kedge_model m;
    kedge_rng rng = {4};
    void *mem = start(&m, &c);
    count_right(&m, &rng, 300, 0, 0);
    count_right(&m, &rng, 600, 1, 30);
    int right = count_right(&m, &rng, 30, 0, 0);
    print_message("right in what comes back: %d of 30\n", right);
    assert_true(right > 22);
    guard_free(mem);
}

/* A seed gives the same bytes each time; another one gives other centres. */
static void test_is_deterministic(void **state)
{
    (void)state;
    kedge_sam_knn_config c = config(2, 2, 3, 60, 6);
    kedge_model m[3];
    void *mem[3];
    size_t bytes = kedge_model_size(&c.base);
    for (int i = 0; i < 3; i++) {
        kedge_rng rng = {6};
        c.seed = 5 + (uint64_t)(i == 2);
        mem[i] = start(&m[i], &c);
        count_right(&m[i], &rng, 500, 0, 0);
    }
    assert_memory_equal(mem[0], mem[1], bytes);
    assert_true(memcmp((char *)mem[0] + 400, (char *)mem[2] + 400, 60 * 16) != 0);
    for (int i = 0; i < 3; i++)
        guard_free(mem[i]);
}

static void test_hostile_scales(void **state)
{
    (void)state;
    static const double odd[] = {1e300, -1e300, 1.7e308, -1.7e308, 1e-300, 5e-324, 0, 1e150, 1e-150, 1e15 + 1, 3, -0.0};
    for (uint32_t how = 0; how < 8; how++) {
        kedge_sam_knn_config c = config(4, 3, 3, 40, 5);
        kedge_model m;
        kedge_rng rng = {how};
        double x[4], y;
        c.distance = 1 + how % 2;
        c.weights = 1 + how / 2 % 2;
        c.scale = 1 + how / 4 % 2;
        void *mem = start(&m, &c);
        feclearexcept(FE_ALL_EXCEPT);
        for (int i = 0; i < 600; i++) {
            double s[3] = {-1, -1, -1};
            for (int j = 0; j < 4; j++)
                x[j] = odd[kedge_rng_below(&rng, j == 3 ? 3 : 12)] * (i % 200 < 100 || j != 2);
            x[1] = i % 7 == 0 ? (double)NAN : x[1];
            assert_int_equal(kedge_model_learn(&m, x, (i / 60 + (x[0] > 0)) % 3, i % 5 ? 1e9 : 1e-320), KEDGE_OK);
            x[0] = odd[kedge_rng_below(&rng, 12)];
            assert_int_equal(kedge_model_score(&m, x, s, 3), KEDGE_OK);
            assert_int_equal(kedge_model_predict(&m, x, &y), KEDGE_OK);
            assert_close(s[0] + s[1] + s[2], 1, 1e-12);
            if (i % 10 == 0)
                assert_int_equal(kedge_model_check(&m), KEDGE_OK);
        }
        assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
        guard_free(mem);
    }
}

/* Predict and learn with a state that the check has let pass. */
static void use(kedge_model *m)
{
    double have[2], x[2] = {0.5, 1e300};
    feclearexcept(FE_ALL_EXCEPT);
    assert_int_equal(kedge_model_score(m, x, have, 2), KEDGE_OK);
    for (int j = 0; j < 20; j++)
        assert_int_equal(kedge_model_learn(m, x, j % 2, 1), KEDGE_OK);
    assert_int_equal(fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW), 0);
}

/* What a snapshot carries of one field, forged in every place; returns how often that was refused. */
static size_t forge(kedge_model *m, const kedge_field *f, size_t bytes)
{
    static const double odd[] = {1e200, (double)INFINITY, 1e-300, -1, 0.5, 4, 0, (double)NAN};
    uint32_t whole[] = {0, 1, 5, 11, 12, 1u << 30, UINT32_MAX, 0};
    unsigned char *mem = m->state, *before = guard_copy(mem, bytes);
    size_t width = f->type == KEDGE_TYPE_U32 ? 4 : 8, refused = 0;
    uint32_t at = f->offset, n = f->count;
    if (f->role == KEDGE_ROLE_ARRAY) {
        memcpy(&n, mem + f->count, 4);
        memcpy(&at, mem + f->offset, 4);
    }
    for (uint32_t i = 0; i < m->cls->base.n_fields; i++)
        if (strcmp(m->cls->base.fields[i].name, "near.n_held") == 0)
            memcpy(&whole[7], mem + m->cls->base.fields[i].offset, 4); /* all rows in the long-term memory */
    for (uint32_t i = 0; i < n * 8; i++) {
        memcpy(mem + at + i / 8 * width, width == 4 ? (const void *)&whole[i % 8] : (const void *)&odd[i % 8], width);
        if (kedge_model_check(m) == KEDGE_OK)
            use(m);
        else
            refused++;
        memcpy(mem, before, bytes);
    }
    guard_free(before);
    return refused;
}

/* Any value of a state forged: refused, or harmless. */
static void test_refuses_forged(void **state)
{
    (void)state;
    kedge_sam_knn_config c = config(2, 2, 2, 12, 3);
    kedge_model m;
    size_t bytes = kedge_model_size(&c.base), refused = 0;
    void *mem = start(&m, &c);
    kedge_rng rng = {2};
    for (int i = 0; i < 40; i++) {
        double x[2] = {kedge_rng_normal(&rng), kedge_rng_normal(&rng)};
        assert_int_equal(kedge_model_learn(&m, x, (x[0] > 0) != (i > 30), 1), KEDGE_OK);
    }
    for (uint32_t i = 0; i < m.cls->base.n_fields; i++)
        if (m.cls->base.fields[i].role != KEDGE_ROLE_PARAM)
            refused += forge(&m, &m.cls->base.fields[i], bytes);
    assert_true(refused > 500);
    guard_free(mem);
}

static void test_config(void **state)
{
    (void)state;
    kedge_sam_knn_config c;
    assert_int_equal(kedge_sam_knn_config_init(NULL, sizeof c, 1, 2), KEDGE_ERR_NULL);
    assert_int_equal(kedge_sam_knn_config_init(&c, 3, 1, 2), KEDGE_ERR_CONFIG);
    for (uint32_t n = 1; n < 12; n++) {
        c = config(n, n + 1, n, 13 * n + n % 3, n + 1);
        assert_int_equal(kedge_model_size(&c.base), KEDGE_SAM_KNN_BYTES_FOR(n, 13 * n + n % 3));
    }
    c = config(KEDGE_FEATURES_MAX, 2, 5, KEDGE_KNN_WINDOW_MAX, 50);
    assert_int_equal(kedge_model_size(&c.base), 0); /* does not fit 32 bits */
    c = config(1, 2, 1, KEDGE_KNN_WINDOW_MAX, 2); /* as many levels as can be */
    assert_true(kedge_model_size(&c.base) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equals_naive),     cmocka_unit_test(test_many_classes),   cmocka_unit_test(test_missing_and_equal),
        cmocka_unit_test(test_follows_drift),    cmocka_unit_test(test_remembers),      cmocka_unit_test(test_is_deterministic),
        cmocka_unit_test(test_hostile_scales),   cmocka_unit_test(test_refuses_forged), cmocka_unit_test(test_config),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
