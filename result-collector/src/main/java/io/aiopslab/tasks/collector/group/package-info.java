/** Groups of samples that want no more of them. */
@NullMarked
package io.aiopslab.tasks.collector.group;

import org.jspecify.annotations.NullMarked;
