/**
 * What an operator asks first: how the service is, who runs what, who fills the disk. It knows
 * nothing of how that is measured. Start at {@link io.trainyard.api.status.StatusController}.
 */
@NullMarked
package io.trainyard.api.status;

import org.jspecify.annotations.NullMarked;
