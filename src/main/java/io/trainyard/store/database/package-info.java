/**
 * What all tables share: the kind of the database, its clock, outages, and the types of columns. It
 * must not know any table of the product. Start at {@link io.trainyard.store.database.Outage},
 * which recognizes that the database is down, and at {@code DatabaseConfiguration}. {@link
 * io.trainyard.store.database.DatabaseMonitor} knows the state of the database at each moment;
 * {@code DatabaseRepair} reopens an {@code EmbeddedDatabase} that has closed itself.
 */
@NullMarked
package io.trainyard.store.database;

import org.jspecify.annotations.NullMarked;
