package io.trainyard.cli;

import io.trainyard.json.StrictJson;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/**
 * Calls of the service. A busy service is asked again for a minute, as its {@code Retry-After}
 * says; calls that create something carry an {@code Idempotency-Key}, so a retry creates nothing
 * twice.
 */
final class ServiceClient {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(500);
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final int LARGEST_PROBLEM = 1 << 20;

  private final URI address;
  private final @Nullable String key;
  private final Duration patience;
  private final HttpClient client;

  ServiceClient(URI address, @Nullable String key) {
    this(address, key, PATIENCE);
  }

  ServiceClient(URI address, @Nullable String key, Duration patience) {
    this.address = address;
    this.key = key;
    this.patience = patience;
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT);
    if (String.valueOf(address.getScheme()).equals("http")) {
      builder.sslContext(NoTls.context());
    }
    this.client = builder.build();
  }

  /** A path below {@code /v1} of parts, each encoded. */
  static String path(Object... parts) {
    StringBuilder path = new StringBuilder("/v1");
    for (Object part : parts) {
      path.append('/').append(encoded(part.toString()));
    }
    return path.toString();
  }

  /** The names and values of a query, without those that are null. */
  static String query(@Nullable Object... namesAndValues) {
    List<String> pairs = new ArrayList<>();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      if (namesAndValues[i + 1] != null) {
        pairs.add(namesAndValues[i] + "=" + encoded(String.valueOf(namesAndValues[i + 1])));
      }
    }
    return pairs.isEmpty() ? "" : "?" + String.join("&", pairs);
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  JsonNode get(String path) {
    return json(exchange(request(path).GET(), true));
  }

  /** All pages of a list, up to a number of entries. */
  List<JsonNode> list(String path, String member, int most) {
    List<JsonNode> entries = new ArrayList<>();
    String token = "";
    do {
      String separator = path.contains("?") ? "&" : "?";
      String page = token.isEmpty() ? "" : separator + query("page_token", token).substring(1);
      JsonNode answer = get(path + page);
      answer.path(member).forEach(entries::add);
      token = answer.path("next_page_token").asString("");
    } while (!token.isEmpty() && entries.size() < most);
    return entries.size() > most ? entries.subList(0, most) : entries;
  }

  /** A POST that creates something. */
  JsonNode create(String path, JsonNode body) {
    return create(path, "application/json", BodyPublishers.ofString(body.toString()));
  }

  JsonNode create(String path, String contentType, BodyPublisher body) {
    return json(
        exchange(
            request(path)
                .header("Content-Type", contentType)
                .header("Idempotency-Key", UUID.randomUUID().toString())
                .POST(body),
            true));
  }

  /** A POST that changes nothing, so that it may be repeated. */
  JsonNode ask(String path, String contentType, BodyPublisher body) {
    return json(exchange(request(path).header("Content-Type", contentType).POST(body), true));
  }

  /** A POST that may not be repeated when its answer is lost. */
  JsonNode post(String path, String contentType, BodyPublisher body) {
    return json(exchange(request(path).header("Content-Type", contentType).POST(body), false));
  }

  JsonNode put(String path, JsonNode body) {
    return json(
        exchange(
            request(path)
                .header("Content-Type", "application/json")
                .PUT(BodyPublishers.ofString(body.toString())),
            true));
  }

  void delete(String path) {
    exchange(request(path).DELETE(), false);
  }

  /** A stream that the caller closes. It is not asked for again when it breaks. */
  HttpResponse<InputStream> open(String path, String... headers) {
    HttpRequest.Builder request = request(path).GET();
    if (headers.length > 0) {
      request.headers(headers);
    }
    return exchange(request, true, BodyHandlers.ofInputStream());
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(address + path)).header("User-Agent", "trainyard-cli");
    if (key != null && !key.isBlank()) {
      request.header("Authorization", "Bearer " + key);
    }
    return request;
  }

  private static JsonNode json(HttpResponse<InputStream> response) {
    try (InputStream body = response.body()) {
      byte[] content = body.readAllBytes();
      return content.length == 0
          ? JsonNodeFactory.instance.objectNode()
          : StrictJson.parse(content);
    } catch (IOException e) {
      throw new UnavailableException("The answer broke off: " + e.getMessage(), e);
    }
  }

  private HttpResponse<InputStream> exchange(HttpRequest.Builder request, boolean repeatable) {
    return exchange(request, repeatable, BodyHandlers.ofInputStream());
  }

  private HttpResponse<InputStream> exchange(
      HttpRequest.Builder builder, boolean repeatable, BodyHandler<InputStream> handler) {
    HttpRequest request = builder.build();
    long deadline = System.nanoTime() + patience.toNanos();
    Duration pause = FIRST_PAUSE;
    while (true) {
      RuntimeException failure;
      Duration wait = pause;
      try {
        HttpResponse<InputStream> response = client.send(request, handler);
        if (response.statusCode() < 300) {
          return response;
        }
        Refusal refusal = refusal(response);
        if (!refusal.isPassing(response.headers().firstValue("Retry-After").isPresent())) {
          throw refusal;
        }
        failure = refusal;
        wait = retryAfter(response, pause);
      } catch (ConnectException e) {
        throw new UnavailableException(
            "No service answers at " + address + ". Is it running, and is --url right?", e);
      } catch (IOException e) {
        failure = new UnavailableException("The connection to " + address + " broke: " + e, e);
        if (!repeatable) {
          throw failure;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new UnavailableException("interrupted", e);
      }
      if (System.nanoTime() + wait.toNanos() > deadline) {
        throw failure;
      }
      sleep(wait);
      pause = pause.multipliedBy(2);
    }
  }

  private static Refusal refusal(HttpResponse<InputStream> response) throws IOException {
    try (InputStream body = response.body()) {
      return Refusal.of(response.statusCode(), body.readNBytes(LARGEST_PROBLEM));
    }
  }

  private static Duration retryAfter(HttpResponse<?> response, Duration pause) {
    String asked = response.headers().firstValue("Retry-After").orElse("");
    return asked.matches("\\d{1,9}") ? Duration.ofSeconds(Long.parseLong(asked)) : pause;
  }

  static void sleep(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UnavailableException("interrupted", e);
    }
  }

  /** No service answers at the address, or the connection broke. */
  static final class UnavailableException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    UnavailableException(String message, Throwable cause) {
      super(message, cause);
    }

    @Override
    public String getMessage() {
      return String.valueOf(super.getMessage());
    }
  }
}
