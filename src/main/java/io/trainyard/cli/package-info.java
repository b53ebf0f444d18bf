/**
 * The command line: {@code java -jar trainyard.jar upload iris.csv}. A caller like any other, which
 * knows the service only by its HTTP contract and starts no Spring. Uses only {@code json} and
 * {@code error} of this product. Start at {@link io.trainyard.cli.TrainyardCommand}; a {@code
 * Session} holds what all commands share, a {@code ServiceClient} makes the calls, and each other
 * {@code …Command} is one command.
 */
@NullMarked
package io.trainyard.cli;

import org.jspecify.annotations.NullMarked;
