/**
 * The Kind cluster of a slot: there, answering, clean, or else the reason why it cannot be used.
 */
@NullMarked
package io.aiopslab.tasks.worker.cluster;

import org.jspecify.annotations.NullMarked;
