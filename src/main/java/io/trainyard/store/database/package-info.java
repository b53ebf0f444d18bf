/**
 * What all tables share: the kind of the database, its clock, outages, and the types of columns. It
 * must not know any table. Start at {@link io.trainyard.store.database.Outage}, which recognizes
 * that the database is down, and at {@code DatabaseConfiguration}. Tested by {@code OutageTest},
 * {@code DatabaseClockTest}, {@code ReleasedMigrationsTest} and {@code
 * FallbackErrorControllerTest}.
 */
@NullMarked
package io.trainyard.store.database;

import org.jspecify.annotations.NullMarked;
