package io.aiopslab.tasks.testing;

import java.io.IOException;

/** A program that starts servers, says so, and closes them when it reads a byte. */
final class ServerOwner {
  private ServerOwner() {}

  public static void main(String[] args) throws IOException {
    try (PrivateBroker broker = TestBroker.startPrivate();
        PrivateDatabase database = TestDatabase.startPrivate()) {
      System.out.println("started " + broker.pid() + " " + database.pid());
      if (System.in.read() < 0) {
        throw new IOException("nobody is there");
      }
    }
    System.out.println("closed");
    if (System.in.read() < 0) {
      throw new IOException("nobody is there");
    }
  }
}
