/** Creating calls that may be repeated. */
@NullMarked
package io.trainyard.api.idempotency;

import org.jspecify.annotations.NullMarked;
