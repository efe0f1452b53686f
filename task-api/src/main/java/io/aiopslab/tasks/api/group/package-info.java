/** Groups: how the samples of one problem stand, and their end. */
@NullMarked
package io.aiopslab.tasks.api.group;

import org.jspecify.annotations.NullMarked;
