package io.trainyard.store.s3;

import io.trainyard.error.StartRefusedException;
import io.trainyard.store.ObjectStoreException;
import io.trainyard.store.s3.ObjectStoreMonitor.Away;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.AbortedException;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;
import software.amazon.awssdk.services.s3.model.S3Object;

/** Objects in a bucket. Their readers know the SHA-256 that the bytes must have, and check it. */
final class S3Objects implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(S3Objects.class);
  private static final int ABSENT = 404;
  private static final int FORBIDDEN = 403;
  private static final int UNAUTHORIZED = 401;
  private static final String NO_BUCKET = "NoSuchBucket";

  private static final Duration CONNECT = Duration.ofSeconds(3);

  /** How long a server may send nothing. */
  private static final Duration SILENCE = Duration.ofSeconds(20);

  /** The largest file that goes in one request, and the least size of a part. */
  private static final long PART = 32L << 20;

  private static final int MOST_PARTS = 10_000;

  private final S3Client client;
  private final String bucket;
  private final String probe;
  private final long part;
  private final AtomicReference<@Nullable Away> away = new AtomicReference<>();

  S3Objects(S3Properties properties) {
    this(properties, PART);
  }

  S3Objects(S3Properties properties, long part) {
    this.bucket = Objects.requireNonNull(properties.bucket());
    this.probe = properties.prefix() + "database-id";
    this.part = part;
    S3ClientBuilder builder =
        S3Client.builder()
            .region(Region.of(properties.region()))
            .credentialsProvider(credentials(properties))
            .forcePathStyle(properties.pathStyle())
            // Compatible servers know neither newer checksums nor signed chunks.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .serviceConfiguration(service -> service.chunkedEncodingEnabled(false))
            .httpClientBuilder(
                UrlConnectionHttpClient.builder()
                    .connectionTimeout(CONNECT)
                    .socketTimeout(SILENCE));
    if (properties.endpoint() != null) {
      builder.endpointOverride(properties.endpoint());
    }
    this.client = builder.build();
  }

  private static AwsCredentialsProvider credentials(S3Properties properties) {
    String access = properties.accessKey();
    String secret = properties.secretKey();
    return access == null || secret == null
        ? DefaultCredentialsProvider.builder().build()
        : StaticCredentialsProvider.create(AwsBasicCredentials.create(access, secret));
  }

  /** Asked before a file grows; throws when it may not. */
  interface Growth {
    void add(long bytes) throws IOException;
  }

  /** A call, which may fail. */
  private interface Call<T> {
    T run() throws IOException;
  }

  /** Translates failures, and logs once when the store goes and comes. */
  private <T> T call(String key, Call<T> call) throws IOException {
    try {
      T answer = call.run();
      answers();
      return answer;
    } catch (NoSuchKeyException e) {
      answers();
      throw absent(key, e);
    } catch (S3Exception e) {
      if (e.statusCode() == ABSENT && !NO_BUCKET.equals(code(e))) {
        answers();
        throw absent(key, e);
      }
      throw failed(key, e);
    } catch (SdkException e) {
      throw failed(key, e);
    }
  }

  private void answers() {
    if (away.getAndSet(null) != null) {
      log.info("The object store is available again");
    }
  }

  /**
   * What an operator has to correct; null for a failure that may pass by itself.
   *
   * @param cause of the failure of a call
   */
  private @Nullable String mistake(Throwable cause) {
    if (!(cause instanceof S3Exception e)) {
      return null;
    }
    if (e.statusCode() == ABSENT && NO_BUCKET.equals(code(e))) {
      return "the bucket '%s' does not exist: create it, or correct trainyard.storage.s3.bucket"
          .formatted(bucket);
    }
    return e.statusCode() == FORBIDDEN || e.statusCode() == UNAUTHORIZED
        ? "access to the bucket '%s' is forbidden (%s): correct trainyard.storage.s3.access-key and secret-key, or the rights of that key"
            .formatted(bucket, code(e))
        : null;
  }

  /** Asks whether the store can be used, and notes the answer. */
  void check() {
    try {
      list();
    } catch (IOException e) {
      log.debug("The object store: {}", e.toString());
    }
  }

  /** Fails where the bucket is not there, which the head of an object does not tell. */
  private void list() throws IOException {
    var _ =
        call(
            probe,
            () -> client.listObjectsV2(list -> list.bucket(bucket).prefix(probe).maxKeys(1)));
  }

  /**
   * Refuses the start when the bucket does not exist or may not be used: that does not pass by
   * itself. A store that does not answer may come back.
   */
  void requireUsable() {
    try {
      list();
    } catch (IOException e) {
      String mistake = e.getCause() == null ? null : mistake(e.getCause());
      if (mistake != null) {
        throw new StartRefusedException("trainyard.storage.s3: " + mistake);
      }
    }
  }

  /** Empty while the store can be used. */
  Optional<Away> away() {
    return Optional.ofNullable(away.get());
  }

  private static String code(S3Exception e) {
    return e.awsErrorDetails() == null ? "" : String.valueOf(e.awsErrorDetails().errorCode());
  }

  private static NoSuchFileException absent(String key, Exception cause) {
    NoSuchFileException absent = new NoSuchFileException(key);
    absent.initCause(cause);
    return absent;
  }

  private ObjectStoreException failed(String key, Exception cause) {
    if (cause instanceof AbortedException || Thread.currentThread().isInterrupted()) {
      // As at shutdown, or when a job is cancelled: that says nothing about the store.
      return new ObjectStoreException("The call of the object store was ended: " + key, cause);
    }
    String mistake = mistake(cause);
    String reason = mistake == null ? "it does not answer" : mistake;
    Away before = away.get();
    if (before == null || !before.reason().equals(reason)) {
      away.set(new Away(reason, before == null ? Instant.now() : before.since()));
      log.error(
          "The object store cannot be used: {} ({}); calls that need it get 503 and jobs wait until"
              + " it is available again, which needs no restart",
          reason,
          cause.toString());
    }
    return new ObjectStoreException(
        "The object store cannot be used for %s: %s".formatted(key, reason), cause);
  }

  /**
   * Stores a file; replaces the one with this key.
   *
   * @throws ObjectStoreException if the store cannot be reached or refuses it
   */
  void put(String key, Path file) throws IOException {
    long length = Files.size(file);
    if (length <= part) {
      var _ =
          call(
              key,
              () ->
                  client.putObject(put -> put.bucket(bucket).key(key), RequestBody.fromFile(file)));
    } else {
      putParts(key, file, length);
    }
  }

  private void putParts(String key, Path file, long length) throws IOException {
    String upload =
        call(
            key,
            () ->
                client.createMultipartUpload(create -> create.bucket(bucket).key(key)).uploadId());
    boolean complete = false;
    try {
      List<CompletedPart> parts = parts(key, upload, file, length);
      var _ =
          call(
              key,
              () ->
                  client.completeMultipartUpload(
                      end ->
                          end.bucket(bucket)
                              .key(key)
                              .uploadId(upload)
                              .multipartUpload(all -> all.parts(parts))));
      complete = true;
    } finally {
      if (!complete) {
        abort(key, upload);
      }
    }
  }

  private List<CompletedPart> parts(String key, String upload, Path file, long length)
      throws IOException {
    long size = Math.max(part, (length + MOST_PARTS - 1) / MOST_PARTS);
    List<CompletedPart> parts = new ArrayList<>();
    for (long from = 0; from < length; from += size) {
      int number = parts.size() + 1;
      RequestBody body = body(file, from, Math.min(size, length - from));
      String tag =
          call(
              key,
              () ->
                  client
                      .uploadPart(
                          one -> one.bucket(bucket).key(key).uploadId(upload).partNumber(number),
                          body)
                      .eTag());
      parts.add(CompletedPart.builder().partNumber(number).eTag(tag).build());
    }
    return parts;
  }

  /** A retry reads the part again. */
  private static RequestBody body(Path file, long from, long length) {
    return RequestBody.fromContentProvider(
        () -> {
          try {
            return PartOfStream.open(file, from, length);
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        },
        length,
        "application/octet-stream");
  }

  private void abort(String key, String upload) {
    try {
      client.abortMultipartUpload(end -> end.bucket(bucket).key(key).uploadId(upload));
    } catch (SdkException e) {
      log.debug("Parts of {} are left; a lifecycle rule of the bucket removes them: {}", key, e);
    }
  }

  /**
   * Writes an object to a new file. Whether the bytes are right is for the caller to check: damage
   * is no outage.
   *
   * @param growth is asked for room before the file grows
   * @throws NoSuchFileException if there is no such object
   * @throws ObjectStoreException if the store cannot be reached
   */
  void get(String key, Path file, Growth growth) throws IOException {
    var _ =
        call(
            key,
            () -> {
              try (ResponseInputStream<GetObjectResponse> in =
                      client.getObject(get -> get.bucket(bucket).key(key));
                  OutputStream out =
                      Files.newOutputStream(
                          file,
                          StandardOpenOption.CREATE,
                          StandardOpenOption.TRUNCATE_EXISTING,
                          StandardOpenOption.WRITE)) {
                copy(key, in, out, growth);
                return in.response();
              }
            });
  }

  private void copy(String key, InputStream in, OutputStream out, Growth growth)
      throws IOException {
    byte[] buffer = new byte[1 << 16];
    for (int read = read(key, in, buffer); read >= 0; read = read(key, in, buffer)) {
      growth.add(read);
      out.write(buffer, 0, read);
    }
  }

  /** A connection that breaks is the store's fault; a full disk, which write meets, is not. */
  private int read(String key, InputStream in, byte[] buffer) throws IOException {
    try {
      return in.read(buffer);
    } catch (IOException e) {
      throw failed(key, e);
    }
  }

  /**
   * The length of an object.
   *
   * @throws NoSuchFileException if there is no such object
   */
  long length(String key) throws IOException {
    return call(key, () -> client.headObject(head -> head.bucket(bucket).key(key)).contentLength());
  }

  /** Deletes an object, if there is one. */
  void delete(String key) throws IOException {
    try {
      var _ = call(key, () -> client.deleteObject(one -> one.bucket(bucket).key(key)));
    } catch (NoSuchFileException e) {
      log.debug("{} was deleted before", key);
    }
  }

  /** Lists the objects whose key begins with a prefix. */
  void list(String prefix, Consumer<S3Object> reader) throws IOException {
    var _ =
        call(
            prefix,
            () -> {
              client
                  .listObjectsV2Paginator(list -> list.bucket(bucket).prefix(prefix))
                  .contents()
                  .forEach(reader);
              return true;
            });
  }

  @Override
  public void close() {
    client.close();
  }
}
