/** The database: kind, clock, outages, column types. */
@NullMarked
package io.trainyard.store.database;

import org.jspecify.annotations.NullMarked;
