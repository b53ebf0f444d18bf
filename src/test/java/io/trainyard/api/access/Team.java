package io.trainyard.api.access;

import io.trainyard.Http;
import io.trainyard.Http.Answer;
import io.trainyard.Multipart;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * One of two teams: its callers, and what it must not have seen. It looks for names of the other
 * team in every answer. A name that the request itself has may stand in its answer; then the same
 * request with a name that nobody has must be answered in the same words.
 */
final class Team {
  private final String own;
  private final Pattern others;
  private final String other;
  private final List<Http> callers;
  private final Random random;
  private final Set<String> leaks = new TreeSet<>();

  /** How many answers it has looked at. */
  private int seen;

  /**
   * A team.
   *
   * @param own begins the names of its own things
   * @param other begins those of the other team's, as long as {@code own}
   * @param callers with keys and tokens that may do the same
   */
  Team(String own, String other, List<Http> callers, Random random) {
    this.own = own;
    this.other = other;
    this.others = Pattern.compile(Pattern.quote(other) + "[a-z0-9._-]*");
    this.callers = callers;
    this.random = random;
  }

  Set<String> leaks() {
    return leaks;
  }

  int seen() {
    return seen;
  }

  /** The name of something: its own, shared, or the other team's. */
  String any(String thing) {
    int kind = random.nextInt(10);
    return (kind < 4 ? own : kind < 7 ? "shared-" : other) + thing + random.nextInt(2);
  }

  /** The name of something that it may use. */
  String usable(String thing) {
    return (random.nextInt(10) < 6 ? own : "shared-") + thing + random.nextInt(2);
  }

  Http caller() {
    return callers.get(random.nextInt(callers.size()));
  }

  Answer get(String path) {
    return call(path, filled -> caller().get(filled));
  }

  Answer json(String method, String path, String body) {
    return call(
        path + " " + body,
        filled -> {
          int space = filled.indexOf(' ');
          return caller()
              .send(
                  method,
                  filled.substring(0, space),
                  Http.utf8(filled.substring(space + 1)),
                  "Content-Type",
                  "application/json");
        });
  }

  Answer delete(String path) {
    return call(path, filled -> caller().delete(filled));
  }

  Answer upload(String path, String csv) {
    return call(path, filled -> caller().post(filled, "text/csv", Http.utf8(csv)));
  }

  /**
   * Imports a version.
   *
   * @param text what names things
   * @param parts the body with that text
   */
  Answer importing(String model, String text, Function<String, Multipart> parts) {
    return call(
        text, filled -> parts.apply(filled).post(caller(), "/v1/models/" + model + "/versions"));
  }

  private Answer call(String request, Function<String, Answer> call) {
    Answer answer = call.apply(request);
    look(request, texts(answer));
    if (request.contains(other)) {
      String absent = request.replace(other, "nn-team-");
      Answer same = call.apply(absent);
      boolean compares = answer.status() >= 400 || request.contains(":validate");
      if (answer.status() != same.status()
          || (compares && !told(answer.text()).equals(told(same.text())))) {
        leaks.add("%s: not as for an absent one:\n %s\n %s".formatted(request, answer, same));
      }
    }
    return answer;
  }

  private String told(String text) {
    return text.replace(other, "nn-team-")
        .replaceAll("\"request_id\":\"[^\"]*\"", "")
        .replaceAll("[0-9a-f]{8}-[0-9a-f-]{27}", "ID")
        .replaceAll("'(kID|alice)' is bound", "a caller is bound");
  }

  /** Notes the other team's names in an answer that the request did not have. */
  void look(String request, String answer) {
    seen++;
    Matcher names = others.matcher(answer);
    while (names.find()) {
      String name = names.group().replaceFirst("[.]+$", "");
      if (!request.contains(name)) {
        int from = Math.max(0, names.start() - 150);
        leaks.add(
            "%s told %s: …%s"
                .formatted(
                    request.substring(0, Math.min(300, request.length())),
                    name,
                    answer.substring(from, Math.min(answer.length(), names.end() + 50))));
      }
    }
  }

  /** The body, those of an archive's entries, and the headers. */
  private static String texts(Answer answer) {
    List<String> texts = new ArrayList<>(List.of(answer.response().headers().map().toString()));
    texts.add(answer.text());
    if (answer.contentType().equals("application/zip")) {
      try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(answer.bytes()))) {
        for (ZipEntry each = zip.getNextEntry(); each != null; each = zip.getNextEntry()) {
          texts.add(new String(zip.readAllBytes(), StandardCharsets.UTF_8));
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return String.join("\n", texts);
  }
}
