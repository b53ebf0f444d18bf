/**
 * Tests that do what a page of {@code src/docs/tutorials} or {@code src/docs/guides} says, and
 * compare the replies with those that the page shows. They know the service only by its command
 * line and its HTTP. Start at {@code TutorialsIT}; {@code Page} says how a page is written, {@code
 * ShownJson} and {@code ShownText} what equal means. {@code PagesTest} and {@code ShownReplyTest}
 * hold the reading and the comparison.
 */
@NullMarked
package io.trainyard.tutorial;

import org.jspecify.annotations.NullMarked;
