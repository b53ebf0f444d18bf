/** Data folders that earlier builds wrote, opened by this build. Start at {@code UpgradeTest}. */
@NullMarked
package io.trainyard.upgrade;

import org.jspecify.annotations.NullMarked;
