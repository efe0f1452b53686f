/** Events of runs, from the broker into the store: receive, fold, store, acknowledge. */
@NullMarked
package io.aiopslab.tasks.collector.collect;

import org.jspecify.annotations.NullMarked;
