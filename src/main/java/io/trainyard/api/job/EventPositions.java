package io.trainyard.api.job;

import io.trainyard.api.Selections;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a reader of the events of several jobs is in each: {@code a=17,b=3}. */
final class EventPositions {
  private static final int MOST = 50;

  /** Of a job. */
  static final Pattern ID = Pattern.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");

  private final Map<String, Integer> positions = new LinkedHashMap<>();

  /**
   * The positions of a reader.
   *
   * @param jobs their ids, with commas between
   * @param lastEventId as the last event has it; a job that it does not name begins at its start,
   *     and others that it names do not matter
   */
  static EventPositions of(String jobs, @Nullable String lastEventId) {
    Set<String> ids = new LinkedHashSet<>();
    for (String id : jobs.split(",", -1)) {
      if (!ID.matcher(id.strip()).matches()) {
        throw Selections.invalid("jobs must be ids of jobs with commas between, got '%s'", id);
      }
      ids.add(id.strip());
    }
    if (ids.size() > MOST) {
      throw Selections.invalid(
          "jobs must be at most " + MOST + " ids, got %s", String.valueOf(ids.size()));
    }
    EventPositions read = new EventPositions();
    ids.forEach(id -> read.positions.put(id, 0));
    if (lastEventId != null && !lastEventId.isBlank()) {
      for (String part : lastEventId.split(",", -1)) {
        String[] sides = part.strip().split("=", -1);
        if (sides.length != 2
            || !ID.matcher(sides[0]).matches()
            || !sides[1].matches("[0-9]{1,9}")) {
          throw Selections.invalid(
              "Last-Event-ID must be the id of an event, as a=17,b=3, was '%s'", part);
        }
        read.positions.computeIfPresent(sides[0], (_, _) -> Integer.parseInt(sides[1]));
      }
    }
    return read;
  }

  List<String> jobs() {
    return new ArrayList<>(positions.keySet());
  }

  int of(String job) {
    return positions.getOrDefault(job, 0);
  }

  void put(String job, int event) {
    positions.put(job, event);
  }

  /** The id of an event. */
  @Override
  public String toString() {
    List<String> parts = new ArrayList<>();
    positions.forEach((job, event) -> parts.add(job + "=" + event));
    return String.join(",", parts);
  }
}
