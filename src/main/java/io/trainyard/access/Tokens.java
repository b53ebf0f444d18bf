package io.trainyard.access;

/** Tokens that somebody else has signed. */
public interface Tokens {
  /**
   * The caller whom a token describes.
   *
   * @throws io.trainyard.error.ServiceException UNAUTHENTICATED when it is not valid; UNAVAILABLE
   *     when the keys of its signature cannot be fetched
   */
  Identity identify(String token);
}
