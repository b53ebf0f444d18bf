/**
 * Checks the settings of a start before anything else happens, divides the memory that they give,
 * and says in one line which setting stops a start. Nothing calls it: Spring Boot finds its classes
 * in {@code META-INF/spring.factories}. Start at {@link io.trainyard.settings.SettingsCheck}.
 */
@NullMarked
package io.trainyard.settings;

import org.jspecify.annotations.NullMarked;
