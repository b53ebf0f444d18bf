package io.trainyard.job.event;

import tools.jackson.databind.node.ObjectNode;

/**
 * Something that happened to a job.
 *
 * @param id from 1, without gaps, in the order in which things happened
 * @param kind {@code state}, {@code epoch}, {@code log} or {@code done}
 */
public record JobEvent(int id, String kind, ObjectNode data) {}
