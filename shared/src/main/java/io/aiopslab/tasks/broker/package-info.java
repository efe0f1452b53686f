/** The broker edge: names of exchanges and queues, and publishing that knows what arrived. */
@NullMarked
package io.aiopslab.tasks.broker;

import org.jspecify.annotations.NullMarked;
