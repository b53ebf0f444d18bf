/** What people must be able to do, over real HTTP, with the real engine and database. */
@NullMarked
package io.trainyard.scenario;

import org.jspecify.annotations.NullMarked;
