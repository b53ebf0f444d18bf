/**
 * The service as a whole: how it is, who runs what, who fills the disk, and its backup. It must not
 * know how that is measured, nor what is in a backup. Start at {@link
 * io.trainyard.api.service.StatusController}.
 */
@NullMarked
package io.trainyard.api.service;

import org.jspecify.annotations.NullMarked;
