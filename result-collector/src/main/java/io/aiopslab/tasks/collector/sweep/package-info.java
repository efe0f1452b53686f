/** What nobody reports: deadlines that pass, workers that vanish, months that begin. */
@NullMarked
package io.aiopslab.tasks.collector.sweep;

import org.jspecify.annotations.NullMarked;
