/** Interactive sessions: the trainer is the agent, and steps an environment on any free cluster. */
@NullMarked
package io.aiopslab.tasks.api.sessions;

import org.jspecify.annotations.NullMarked;
