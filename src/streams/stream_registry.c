/* SPDX-License-Identifier: MIT */
/* The list of all streams, in a file of its own: a static link takes it in only where a program asks for it. */
#include "base/fp.h"

#include "kedge/stream.h"

static const kedge_stream_class *const stream_all[] = {
    &kedge_centroids, &kedge_concepts, &kedge_hyperplane, &kedge_series, NULL,
};

const kedge_stream_class *const *kedge_stream_classes(void)
{
    return stream_all;
}
