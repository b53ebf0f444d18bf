package io.trainyard.store.s3;

import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/**
 * Where files are kept that all processes share.
 *
 * @param endpoint of the store; null for that of the region
 * @param bucket null: files stay in the data folder
 * @param prefix of all keys; it ends with a slash, or is empty
 * @param accessKey null: the credentials are taken from the environment
 * @param pathStyle whether the bucket is a part of the path, not of the host
 * @param cache about the most bytes of copies in the data folder that nobody reads
 */
@ConfigurationProperties("trainyard.storage.s3")
public record S3Properties(
    @Nullable URI endpoint,
    @DefaultValue("us-east-1") String region,
    @Nullable String bucket,
    @DefaultValue("") String prefix,
    @Nullable String accessKey,
    @Nullable String secretKey,
    @DefaultValue("false") boolean pathStyle,
    @DefaultValue("10GB") DataSize cache) {
  private static final int LONGEST_PREFIX = 200;

  public S3Properties {
    endpoint = endpoint == null || endpoint.toString().isBlank() ? null : endpoint;
    bucket = bucket == null || bucket.isBlank() ? null : bucket;
    accessKey = accessKey == null || accessKey.isBlank() ? null : accessKey;
    secretKey = secretKey == null || secretKey.isBlank() ? null : secretKey;
    if (endpoint != null && endpoint.getHost() == null) {
      throw new IllegalArgumentException(
          "trainyard.storage.s3.endpoint must be a URL as in http://minio:9000, was " + endpoint);
    }
    if (bucket == null && endpoint != null) {
      throw new IllegalArgumentException(
          "trainyard.storage.s3.bucket must be set with trainyard.storage.s3.endpoint");
    }
    if (!prefix.matches("[A-Za-z0-9._/-]*") || prefix.length() > LONGEST_PREFIX) {
      throw new IllegalArgumentException(
          "trainyard.storage.s3.prefix matches [A-Za-z0-9._/-]* and has at most "
              + LONGEST_PREFIX
              + " characters, was '"
              + prefix
              + "'");
    }
    if (!prefix.isEmpty() && !prefix.endsWith("/")) {
      prefix = prefix + "/";
    }
    if ((accessKey == null) != (secretKey == null)) {
      throw new IllegalArgumentException(
          "trainyard.storage.s3.access-key and secret-key must be set together");
    }
    if (cache.toBytes() < 0) {
      throw new IllegalArgumentException(
          "trainyard.storage.s3.cache must not be negative, was " + cache);
    }
  }

  @Override
  public String toString() {
    return "S3Properties[" + (bucket == null ? "none" : bucket + "/" + prefix) + "]";
  }
}
