/**
 * How the learning rate changes in the course of a training. A record has its formula, its defaults
 * and its reading; {@code Name} in {@link io.trainyard.spec.training.schedule.ScheduleSpec} is the
 * register; start at {@link io.trainyard.spec.training.schedule.LearningRateSchedule}. Knows
 * nothing about the training loop.
 */
@NullMarked
package io.trainyard.spec.training.schedule;

import org.jspecify.annotations.NullMarked;
