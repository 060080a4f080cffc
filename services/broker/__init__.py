"""The broker (*pośrednik*): finds shared clients by token, relays what they are told, assesses; never knows who."""
