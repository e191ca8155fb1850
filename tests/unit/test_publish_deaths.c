/* SPDX-License-Identifier: MIT */
/* kedge_publish between processes: two of them on one piece of memory, mapped at different addresses; a reader that dies with its
 * ticket; a writer that dies between two instructions. */
#define _DEFAULT_SOURCE /* fileno, mmap, fork */

#include "published.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

static void test_reader_dies(void **unused)
{
    kedge_publish p;
    kedge_publish_ticket dead, alive;
    uint32_t tickets, held;
    size_t n = 0;
    void *mem = publication(&p, 3, ROOM), *memory;
    (void)unused;
    assert_int_equal(publish(&p, 1), KEDGE_OK);
    assert_int_equal(kedge_publish_acquire(&p, &dead), KEDGE_OK);
    held = dead.slot;
    assert_int_equal(kedge_publish_reclaim(&p, held), KEDGE_ERR_STATE); /* it serves */
    assert_int_equal(publish(&p, 2), KEDGE_OK);
    assert_int_equal(kedge_publish_acquire(&p, &alive), KEDGE_OK);
    assert_int_equal(publish(&p, 3), KEDGE_OK);
    assert_int_equal(kedge_publish_begin(&p, &memory), KEDGE_ERR_BUSY);
    assert_int_equal(use_of(&p, held, &tickets), KEDGE_PUBLISH_HELD);
    assert_int_equal(tickets, 1);
    assert_int_equal(kedge_publish_slots(&p, NULL, 0, &n), KEDGE_ERR_BUFFER);
    assert_int_equal(n, 3);
    assert_int_equal(kedge_publish_reclaim(&p, 3), KEDGE_ERR_RANGE);
    assert_int_equal(kedge_publish_reclaim(&p, held), KEDGE_OK);
    assert_int_equal(kedge_publish_check(&p), KEDGE_OK);
    assert_int_equal(use_of(&p, held, &tickets), KEDGE_PUBLISH_FREE);
    assert_int_equal(kedge_publish_begin(&p, &memory), KEDGE_OK);
    assert_int_equal(use_of(&p, held, NULL), KEDGE_PUBLISH_WRITING);
    assert_int_equal(kedge_publish_reclaim(&p, held), KEDGE_ERR_STATE); /* it is being written */
    fill(memory, 4);
    assert_int_equal(kedge_publish_commit(&p, ROOM, 4), KEDGE_OK);
    assert_true(alive.version == 2 && is_whole(&alive));
    assert_int_equal(kedge_publish_release(&p, &alive), KEDGE_OK);
    assert_int_equal(kedge_publish_check(&p), KEDGE_OK);
    guard_free(mem);
}

/* A writer that dies between two instructions, made by undoing the stores behind it. */
static void test_writer_dies(void **unused)
{
    kedge_publish p;
    kedge_publish_ticket t;
    void *mem = publication(&p, 3, ROOM), *memory;
    publish_state *s = p.state;
    (void)unused;
    assert_int_equal(publish(&p, 1), KEDGE_OK);
    assert_int_equal(kedge_publish_acquire(&p, &t), KEDGE_OK);
    uint32_t lost = t.slot;
    assert_int_equal(kedge_publish_begin(&p, &memory), KEDGE_OK); /* while it writes */
    assert_int_equal(kedge_publish_cancel(&p), KEDGE_OK);
    assert_int_equal(kedge_publish_begin(&p, &memory), KEDGE_OK); /* before the exchange */
    s->slots[s->writing].phase = PUBLISH_IS_SERVING;
    assert_int_equal(kedge_publish_cancel(&p), KEDGE_OK);
    assert_int_equal(kedge_publish_check(&p), KEDGE_OK);
    assert_int_equal(kedge_publish_begin(&p, &memory), KEDGE_OK); /* behind it */
    fill(memory, 2);
    uint32_t writing = s->writing;
    assert_int_equal(kedge_publish_commit(&p, ROOM, 2), KEDGE_OK);
    s->writing = writing;
    s->slots[lost].phase = PUBLISH_IS_SERVING;
    s->slots[lost].entered = 0;
    assert_int_equal(kedge_publish_cancel(&p), KEDGE_OK);
    assert_int_equal(kedge_publish_check(&p), KEDGE_OK);
    assert_int_equal(use_of(&p, writing, NULL), KEDGE_PUBLISH_SERVING);
    assert_int_equal(use_of(&p, lost, NULL), KEDGE_PUBLISH_LOST);
    for (uint64_t version = 3; version < 20; version++) {
        assert_int_equal(publish(&p, version), KEDGE_OK); /* in the two others */
        assert_true(t.version == 1 && is_whole(&t));
    }
    assert_int_equal(kedge_publish_release(&p, &t), KEDGE_OK);
    assert_int_equal(use_of(&p, lost, NULL), KEDGE_PUBLISH_LOST); /* nobody can know */
    assert_int_equal(kedge_publish_reclaim(&p, lost), KEDGE_OK);
    assert_int_equal(use_of(&p, lost, NULL), KEDGE_PUBLISH_FREE);
    assert_int_equal(kedge_publish_check(&p), KEDGE_OK);
    guard_free(mem);
}

/* Another process, in a mapping of its own: 0 if every version that it read was whole and none older than the one before. */
static int read_in_child(int file, size_t size)
{
    kedge_publish p;
    kedge_publish_ticket t;
    uint64_t seen = 0, n_seen = 0;
    void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (mem == MAP_FAILED || kedge_publish_open(&p, mem, size) < 0)
        return 2;
    while (seen < 3000) {
        kedge_status st = kedge_publish_acquire(&p, &t);
        if (st < 0)
            return 3;
        if (st == KEDGE_EMPTY)
            continue;
        if (!is_whole(&t) || t.version < seen)
            return 4;
        n_seen += t.version > seen;
        seen = t.version;
        if (kedge_publish_release(&p, &t) < 0)
            return 5;
    }
    return n_seen > 0 ? 0 : 6;
}

static void test_processes(void **unused)
{
    FILE *made = tmpfile();
    kedge_publish p;
    kedge_publish_config cfg = slots_of(3, ROOM);
    size_t size = kedge_publish_size(&cfg);
    int file, result;
    pid_t child[2];
    (void)unused;
    assert_non_null(made);
    file = fileno(made);
    assert_true(ftruncate(file, (off_t)size) == 0);
    void *mem = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    assert_true(mem != MAP_FAILED);
    assert_int_equal(kedge_publish_init(&p, &cfg, mem, size), KEDGE_OK);
    for (int i = 0; i < 2; i++)
        if ((child[i] = fork()) == 0) {
            time_limit(300); /* should the parent fail, no version ever is the last */
            _exit(read_in_child(file, size));
        }
    for (uint64_t version = 1; version <= 3000;) {
        kedge_status st = publish(&p, version);
        assert_true(st == KEDGE_OK || st == KEDGE_ERR_BUSY);
        version += st == KEDGE_OK;
        if (st == KEDGE_ERR_BUSY)
            usleep(10);
    }
    for (int i = 0; i < 2; i++) {
        assert_int_equal(waitpid(child[i], &result, 0), child[i]);
        assert_true(WIFEXITED(result));
        assert_int_equal(WEXITSTATUS(result), 0);
    }
    for (uint32_t i = 0; i < 3; i++)
        assert_int_not_equal(use_of(&p, i, NULL), KEDGE_PUBLISH_HELD);
    assert_int_equal(kedge_publish_check(&p), KEDGE_OK);
    munmap(mem, size);
    fclose(made);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reader_dies),
        cmocka_unit_test(test_writer_dies),
        cmocka_unit_test(test_processes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
