/** The nine promises under real faults: a system, a load, faults, and a checker. */
@NullMarked
package io.aiopslab.tasks.system.chaos;

import org.jspecify.annotations.NullMarked;
