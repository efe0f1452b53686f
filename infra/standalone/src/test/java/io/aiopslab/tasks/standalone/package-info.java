@NullMarked
package io.aiopslab.tasks.standalone;

import org.jspecify.annotations.NullMarked;
