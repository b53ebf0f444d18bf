package io.trainyard.cli;

import io.trainyard.cli.ServiceClient.UnavailableException;
import io.trainyard.json.StrictJson;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** The events of a job. A broken stream is resumed after the last event: each comes once. */
final class EventStream {
  /** How many streams in a row may break without an event. */
  private static final int MOST_BREAKS = 6;

  /** One server-sent event. */
  record Event(String kind, JsonNode data) {}

  private final ServiceClient service;
  private final String path;
  private String last = "";

  EventStream(ServiceClient service, String job) {
    this.service = service;
    this.path = ServiceClient.path("jobs", job, "events");
  }

  /** Hands on all events to the last one, whose data is the ended job; gives it. */
  JsonNode follow(Consumer<Event> watcher) {
    for (int breaks = 0; ; breaks++) {
      String before = last;
      try {
        JsonNode done = read(watcher);
        if (!done.isMissingNode()) {
          return done;
        }
      } catch (IOException e) {
        if (breaks >= MOST_BREAKS) {
          throw new UnavailableException("The stream of events keeps breaking: " + e, e);
        }
      }
      if (!last.equals(before)) {
        breaks = 0;
      } else if (breaks >= MOST_BREAKS) {
        throw new UnavailableException(
            "The stream of events ends early", new IOException("no event"));
      }
      ServiceClient.sleep(Duration.ofMillis(250L << breaks));
    }
  }

  private JsonNode read(Consumer<Event> watcher) throws IOException {
    String[] headers =
        last.isEmpty()
            ? new String[] {"Accept", "text/event-stream"}
            : new String[] {"Accept", "text/event-stream", "Last-Event-ID", last};
    try (var lines =
        new BufferedReader(
            new InputStreamReader(service.open(path, headers).body(), StandardCharsets.UTF_8))) {
      String id = last;
      String kind = "";
      StringBuilder data = new StringBuilder();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith("id:")) {
          id = line.substring(3).strip();
        } else if (line.startsWith("event:")) {
          kind = line.substring(6).strip();
        } else if (line.startsWith("data:")) {
          data.append(line.substring(5));
        } else if (line.isEmpty() && !data.isEmpty()) {
          Event event = new Event(kind, StrictJson.parse(data.toString()));
          data.setLength(0);
          last = id;
          watcher.accept(event);
          if (kind.equals("done")) {
            return event.data();
          }
        }
      }
    }
    return JsonNodeFactory.instance.missingNode();
  }
}
