/**
 * Labels in columns of the things that have them, and in tables by which they are found. It knows
 * nothing else of those things. Start at {@link io.trainyard.store.label.JdbcLabelStore}.
 */
@NullMarked
package io.trainyard.store.label;

import org.jspecify.annotations.NullMarked;
