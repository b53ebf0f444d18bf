/**
 * Every error that the service answers with, and the faults of a body with their places. Knows
 * neither HTTP nor any other protocol: a family says what an error means, and each API maps it.
 * Start at {@link io.trainyard.error.ErrorCode}.
 */
@NullMarked
package io.trainyard.error;

import org.jspecify.annotations.NullMarked;
