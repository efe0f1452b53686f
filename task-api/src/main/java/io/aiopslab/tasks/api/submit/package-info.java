/**
 * POST /tasks, singly, in batches and again: from bytes that nobody vouches for to a pending row.
 */
@NullMarked
package io.aiopslab.tasks.api.submit;

import org.jspecify.annotations.NullMarked;
