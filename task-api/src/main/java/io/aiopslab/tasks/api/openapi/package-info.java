/** The machine-readable description of the REST API. */
@NullMarked
package io.aiopslab.tasks.api.openapi;

import org.jspecify.annotations.NullMarked;
