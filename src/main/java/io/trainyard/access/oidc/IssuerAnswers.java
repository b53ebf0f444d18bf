package io.trainyard.access.oidc;

import com.nimbusds.jose.util.Resource;
import com.nimbusds.jose.util.ResourceRetriever;
import java.io.IOException;
import java.net.URI;
import java.net.URL;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Asks a provider. An answer has its time in all and its size: one that comes byte by byte would
 * hold everyone who waits for the keys.
 */
final class IssuerAnswers implements ResourceRetriever {
  private static final int OK = 200;

  private final Duration longest;
  private final long largest;
  private final HttpClient client;

  /**
   * Answers within bounds.
   *
   * @param longest from the question to the end of the answer
   * @param largest in bytes
   */
  IssuerAnswers(Duration longest, long largest) {
    this.longest = longest;
    this.largest = largest;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NORMAL)
            .connectTimeout(longest)
            .build();
  }

  @Override
  public Resource retrieveResource(URL url) throws IOException {
    HttpRequest request;
    try {
      request = HttpRequest.newBuilder(URI.create(url.toString())).build();
    } catch (IllegalArgumentException e) {
      // As for a host with an underscore.
      throw new IOException("%s cannot be asked: %s".formatted(url, e.getMessage()), e);
    }
    CompletableFuture<HttpResponse<byte[]>> answering =
        client.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), largest));
    try {
      HttpResponse<byte[]> answer = answering.get(longest.toMillis(), TimeUnit.MILLISECONDS);
      if (answer.statusCode() != OK) {
        throw new IOException("%s answers with the status %d".formatted(url, answer.statusCode()));
      }
      return new Resource(
          new String(answer.body(), StandardCharsets.UTF_8),
          answer.headers().firstValue("Content-Type").orElse(null));
    } catch (TimeoutException e) {
      throw new IOException(
          "%s has not answered within %d s".formatted(url, longest.toSeconds()), e);
    } catch (ExecutionException e) {
      throw new IOException("%s does not answer: %s".formatted(url, e.getCause()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("The service is stopping", e);
    } finally {
      answering.cancel(true);
    }
  }
}
