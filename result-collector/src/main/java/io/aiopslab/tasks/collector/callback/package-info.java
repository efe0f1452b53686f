/**
 * Callbacks of tasks that have ended: claim, write, send, judge, record. At least once each, by
 * Standard Webhooks 1.0; {@code docs/webhooks.md} is for those who receive them.
 */
@NullMarked
package io.aiopslab.tasks.collector.callback;

import org.jspecify.annotations.NullMarked;
