/**
 * The service that makes rows of events: collects what runs report, and ends what nobody reports.
 */
@NullMarked
package io.aiopslab.tasks.collector;

import org.jspecify.annotations.NullMarked;
