/**
 * The ways in which the program starts beside serving (to migrate, to unpack libraries, to record
 * caches, to ask for its health), and what a start says of itself. It does not know how the service
 * is wired.
 */
@NullMarked
package io.trainyard.start;

import org.jspecify.annotations.NullMarked;
