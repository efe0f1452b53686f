/** The protocol for workers that speak HTTP only: register, beat, claim, report. */
@NullMarked
package io.aiopslab.tasks.api.remote;

import org.jspecify.annotations.NullMarked;
